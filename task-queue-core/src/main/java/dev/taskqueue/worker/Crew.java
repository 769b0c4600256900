package dev.taskqueue.worker;

import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The runners of a worker and their seats: a claim takes a seat, and the end of its attempt frees it. */
final class Crew {

    private final Map<String, Registration> registrations;
    private final Registration unknown;
    private final Outcomes outcomes;
    private final Settler settler;
    private final Heartbeat heartbeat;
    private final WorkerMetrics.QueueMeter meter;
    private final Handoff handoff = new Handoff();
    private final Semaphore seats;
    private final List<Runner> runners = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private int owedSeats;

    Crew(
            String worker,
            int size,
            Map<String, Registration> registrations,
            Registration unknown,
            Outcomes outcomes,
            Settler settler,
            Heartbeat heartbeat,
            WorkerMetrics.QueueMeter meter) {
        this.registrations = registrations;
        this.unknown = unknown;
        this.outcomes = outcomes;
        this.settler = settler;
        this.heartbeat = heartbeat;
        this.meter = meter;
        seats = new Semaphore(size);
        for (int i = 1; i <= size; i++) {
            Runner runner = new Runner(this);
            Thread thread = new Thread(runner, "task-queue-runner-" + i + "-" + worker);
            thread.setDaemon(true);
            runners.add(runner);
            threads.add(thread);
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    int size() {
        return runners.size();
    }

    /** Takes all free seats; waits for one where there is none. To be called by the fetcher alone. */
    int takeSeats(long timeout, TimeUnit unit) throws InterruptedException {
        if (!seats.tryAcquire(timeout, unit)) {
            return 0;
        }
        int taken = 1 + seats.drainPermits();
        int repaid = Math.min(owedSeats, taken);
        owedSeats -= repaid;
        return taken - repaid;
    }

    /** Lets claims have seats that were never taken; the next ones that become free make up for it. */
    void oweSeats(int count) {
        owedSeats += count;
    }

    void freeSeats(int count) {
        if (count > 0) {
            seats.release(count);
        }
    }

    Attempt attempt(Claim claim) {
        return new Attempt(claim, registrations.getOrDefault(claim.task().type(), unknown));
    }

    void handOver(List<Attempt> attempts) {
        if (!attempts.isEmpty()) {
            handoff.put(attempts);
        }
    }

    List<Attempt> running() {
        List<Attempt> running = new ArrayList<>();
        for (Runner runner : runners) {
            Attempt attempt = runner.current();
            if (attempt != null) {
                running.add(attempt);
            }
        }
        return running;
    }

    /** Lets the runners end once they have finished what they run, and returns what none has started. */
    List<Attempt> close() {
        return handoff.close();
    }

    boolean hasEnded() {
        return threads.stream().noneMatch(Thread::isAlive);
    }

    Attempt next() {
        return handoff.take();
    }

    boolean isForfeited() {
        return heartbeat.hasLapsed();
    }

    void started(Attempt attempt) {
        meter.started(attempt.claim());
    }

    void left() {
        meter.left();
    }

    void ended(Attempt attempt, Object result, Throwable failure) {
        Duration runTime = attempt.runTime();
        Outcome outcome = failure == null
                ? outcomes.succeeded(attempt, result, runTime)
                : attempt.cancellation() == Attempt.Cancellation.SHUTDOWN
                        ? new Outcome.Released(attempt.claim())
                        : outcomes.failed(attempt, failure, runTime);
        finish(attempt, outcome, runTime, !(outcome instanceof Outcome.Released));
    }

    void finish(Attempt attempt, Outcome outcome, Duration runTime, boolean ran) {
        settler.add(new Finished(outcome, attempt.registration().meter(), ran, runTime));
        seats.release();
    }
}
