package dev.taskqueue.worker;

import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runners of a worker and their seats: a claim takes a seat, and the end of its attempt frees it. */
final class Crew {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** So soon short tasks free a seat; later, those that run are not short. */
    private static final long SHORTLY_MILLIS = 5;

    private final Map<String, Registration> registrations;
    private final Registration unknown;
    private final Outcomes outcomes;
    private final Settler settler;
    private final Heartbeat heartbeat;
    private final Pace pace;
    private final WorkerMetrics.QueueMeter meter;
    private final Handoff handoff;
    private final Semaphore seats;
    private final String worker;
    private final int size;
    private final List<Runner> runners = new CopyOnWriteArrayList<>();
    /** Runners whose handler ignores its interrupt, and whose place another one has taken. */
    private final Set<Runner> abandoned = ConcurrentHashMap.newKeySet();

    private int runnersMade;
    private int extraSeats;
    private int owedSeats;

    Crew(
            String worker,
            int size,
            Map<String, Registration> registrations,
            Registration unknown,
            Outcomes outcomes,
            Settler settler,
            Heartbeat heartbeat,
            Pace pace,
            WorkerMetrics.QueueMeter meter) {
        this.registrations = registrations;
        this.unknown = unknown;
        this.outcomes = outcomes;
        this.settler = settler;
        this.heartbeat = heartbeat;
        this.pace = pace;
        handoff = new Handoff(pace);
        this.meter = meter;
        this.worker = worker;
        this.size = size;
        seats = new Semaphore(size);
    }

    void start() {
        for (int i = 0; i < size; i++) {
            startRunner();
        }
    }

    private void startRunner() {
        Runner runner = new Runner(this, "task-queue-runner-" + ++runnersMade + "-" + worker);
        runners.add(runner);
        runner.start();
    }

    int size() {
        return size;
    }

    /** Takes all free seats; waits for one where there is none. To be called by the fetcher alone. */
    int takeSeats(long timeout, TimeUnit unit) throws InterruptedException {
        int change = pace.allowance() - extraSeats;
        extraSeats += change;
        freeSeats(change);
        owedSeats += Math.max(0, -change);
        if (!seats.tryAcquire(SHORTLY_MILLIS, TimeUnit.MILLISECONDS)) {
            handoff.hurry();
            if (!seats.tryAcquire(timeout, unit)) {
                return 0;
            }
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

    /** Has all that waits run at once, for as long as there are idle runners. */
    void hurry() {
        handoff.hurry();
    }

    void handOver(IdleWait wait) {
        handoff.put(wait);
    }

    /** Puts back what was claimed ahead of tasks that turned out to be slow. */
    void giveBackWhatWaits(Duration limit) {
        List<Attempt> late = handoff.removeOlderThan(limit);
        if (!late.isEmpty()) {
            pace.backOff();
            // The newest first: each goes to the consuming end, so that the oldest is taken next.
            for (int i = late.size() - 1; i >= 0; i--) {
                settle(late.get(i), new Outcome.Released(late.get(i).claim()), Duration.ZERO);
            }
            freeSeats(late.size());
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
        return runners.stream().noneMatch(runner -> runner.thread().isAlive());
    }

    Work next() {
        return handoff.take();
    }

    /** Whether what was claimed must not be run any more: other workers may have it by now, or this one closes. */
    boolean isForfeited() {
        return heartbeat.hasLapsed() || handoff.isClosed();
    }

    void started(Attempt attempt) {
        meter.started(attempt.claim());
    }

    void left() {
        meter.left();
    }

    void ended(Attempt attempt, Object result, Throwable failure) {
        Duration runTime = attempt.runTime();
        Attempt.Cancellation cancellation = attempt.cancellation();
        Outcome outcome;
        if (cancellation == Attempt.Cancellation.TIMEOUT) {
            outcome = outcomes.failed(attempt, tooLong(runTime), runTime);
        } else if (failure == null) {
            outcome = outcomes.succeeded(attempt, result, runTime);
        } else if (cancellation == Attempt.Cancellation.SHUTDOWN) {
            outcome = new Outcome.Released(attempt.claim());
        } else {
            outcome = outcomes.failed(attempt, failure, runTime);
        }
        settle(attempt, outcome, runTime);
    }

    void settle(Attempt attempt, Outcome outcome, Duration runTime) {
        boolean ran = !(outcome instanceof Outcome.Released);
        settler.add(new Finished(outcome, attempt.registration().meter(), ran, runTime));
    }

    private static TimeoutException tooLong(Duration runTime) {
        return new TimeoutException("cancelled after " + runTime.toMillis() + " ms, for taking too long");
    }

    /**
     * Gives up on an attempt that was told to stop and goes on: it counts as failed, and another runner takes the place of
     * its own. Where as many are stuck already as there are places, the place stays taken until the handler returns.
     */
    void abandon(Attempt attempt) {
        Runner stuck = runners.stream()
                .filter(runner -> runner.current() == attempt)
                .findFirst()
                .orElse(null);
        if (stuck == null || !attempt.end()) {
            return;
        }
        boolean replaceable = abandoned.size() < size;
        Duration runTime = attempt.runTime();
        Exception stack = new Exception("where the handler is");
        stack.setStackTrace(stuck.thread().getStackTrace());
        LOG.atError()
                .addKeyValue("task_id", attempt.id())
                .addKeyValue("task_type", attempt.type())
                .addKeyValue("thread", stuck.thread().getName())
                .addKeyValue("replaced", replaceable)
                .setCause(stack)
                .log("the handler takes too long and ignores its interrupt; its attempt counts as failed");
        if (replaceable) {
            abandoned.add(stuck);
            meter.abandoned(1);
            stuck.replace();
            runners.remove(stuck);
            startRunner();
            freeSeats(1);
        }
        settle(attempt, outcomes.failed(attempt, tooLong(runTime), runTime), runTime);
    }

    /** An abandoned runner's handler has returned after all. */
    void returned(Runner runner) {
        if (abandoned.remove(runner)) {
            meter.abandoned(-1);
            LOG.atWarn()
                    .addKeyValue("thread", runner.thread().getName())
                    .log("a handler that was given up on has returned; its outcome was not waited for");
        }
    }
}
