package dev.taskqueue.worker;

import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.Outcome;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an attempt needs of the queue that it came from. One for each queue; threads, slots and time limits are one for the
 * whole worker. Thread-safe.
 */
final class ServedQueue {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    /** How often an outcome is worked out before the plainest one stands for it. */
    private static final int CLASSIFICATIONS = 3;

    private static final Duration NO_MEMORY_PAUSE = Duration.ofMillis(100);

    private final Map<String, Registration> registrations;
    private final Registration unknown;
    private final Heartbeat heartbeat;
    private final Outcomes outcomes;
    private final Settler settler;
    private final WorkerMetrics.QueueMeter meter;

    /**
     * @param registrations handlers by type
     * @param unknown what stands for a type that has none
     */
    ServedQueue(
            Map<String, Registration> registrations,
            Registration unknown,
            Heartbeat heartbeat,
            Outcomes outcomes,
            Settler settler,
            WorkerMetrics.QueueMeter meter) {
        this.registrations = registrations;
        this.unknown = unknown;
        this.heartbeat = heartbeat;
        this.outcomes = outcomes;
        this.settler = settler;
        this.meter = meter;
    }

    Attempt attempt(Claim claim) {
        return new Attempt(claim, registrations.getOrDefault(claim.task().type(), unknown), this);
    }

    WorkerMetrics.QueueMeter meter() {
        return meter;
    }

    /** Whether what was claimed must not be started any more: other workers may have it by now. */
    boolean isForfeited() {
        return heartbeat.hasLapsed();
    }

    /** Hands over a claim that was not started, to go back to where it is taken next. */
    void release(Attempt attempt) {
        handOver(attempt, tries -> CompletedAttempt.notRun(new Outcome.Released(attempt.claim()), attempt));
    }

    /** Hands over how an attempt ended: what its handler returned, or what it threw. */
    void complete(Attempt attempt, Object result, Throwable failure) {
        Duration runTime = attempt.runTime();
        handOver(attempt, tries -> {
            Outcome outcome = tries < CLASSIFICATIONS
                    ? outcomes.classify(attempt, result, failure, runTime)
                    : Outcomes.unclassified(attempt, failure != null, runTime);
            return new CompletedAttempt(
                    outcome, attempt.registration().meter(), !(outcome instanceof Outcome.Released), runTime);
        });
    }

    private interface Completion {
        CompletedAttempt make(int tries);
    }

    /**
     * Does not return before the settler has it: a claim that nobody settles would neither be run again nor end. Memory is
     * all that can be missing here in the end, and the handler that took it has returned.
     */
    private void handOver(Attempt attempt, Completion completion) {
        for (int tries = 0; ; tries++) {
            try {
                settler.add(completion.make(tries));
                return;
            } catch (Throwable t) {
                Failures.report(() -> LOG.atError()
                        .addKeyValue("task_id", attempt.id())
                        .setCause(t)
                        .log("outcome could not be handed over; retrying"));
                Failures.pause(NO_MEMORY_PAUSE);
            }
        }
    }
}
