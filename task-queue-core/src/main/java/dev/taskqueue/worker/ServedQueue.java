package dev.taskqueue.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
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

    private static final long NO_MEMORY_PAUSE_NANOS = 100_000_000;

    private final String name;
    private final BrokerSession session;
    private final Supplier<ObjectMapper> json;
    private final Map<String, TaskHandler> handlers;
    private final Listeners listeners;
    private final OutcomeClassifier classifier;
    private final Heartbeat heartbeat;
    private final Settler settler;
    private final WorkerMetrics.QueueMeter meter;
    private final QueueSlots slots;
    private final PauseGate gate;
    private final QuietState quiet;
    private final Duration unknownTypeGrace;

    /**
     * @param json asked for what converts payloads when the first is to be converted
     * @param handlers handlers by type
     */
    ServedQueue(
            String name,
            BrokerSession session,
            Supplier<ObjectMapper> json,
            Map<String, TaskHandler> handlers,
            Listeners listeners,
            OutcomeClassifier classifier,
            Heartbeat heartbeat,
            Settler settler,
            WorkerMetrics.QueueMeter meter,
            QueueSlots slots,
            PauseGate gate,
            QuietState quiet,
            Duration unknownTypeGrace) {
        this.name = name;
        this.session = session;
        this.json = json;
        this.handlers = Map.copyOf(handlers);
        this.listeners = listeners;
        this.classifier = classifier;
        this.heartbeat = heartbeat;
        this.settler = settler;
        this.meter = meter;
        this.slots = slots;
        this.gate = gate;
        this.quiet = quiet;
        this.unknownTypeGrace = unknownTypeGrace;
    }

    /** Whether a task must not begin any more. */
    boolean isExpired(Claim claim) {
        Instant expiresAt = claim.task().options().expiresAt();
        return expiresAt != null && expiresAt.toEpochMilli() <= session.now();
    }

    /** Whether a task has a handler here. */
    boolean knows(Claim claim) {
        return handlers.containsKey(claim.task().type());
    }

    /** For how long a task is parked whose type nobody knows. */
    Duration unknownTypeGrace() {
        return unknownTypeGrace;
    }

    Attempt attempt(Claim claim) {
        return new Attempt(claim, handlers.get(claim.task().type()), this);
    }

    String name() {
        return name;
    }

    ObjectMapper json() {
        return json.get();
    }

    Listeners listeners() {
        return listeners;
    }

    WorkerMetrics.QueueMeter meter() {
        return meter;
    }

    /** Where each of its claims has one, from before it was claimed until its attempt has ended. */
    QueueSlots slots() {
        return slots;
    }

    /** What each attempt passes before it begins. */
    PauseGate gate() {
        return gate;
    }

    /** Whether the worker is to claim nothing, in any of its queues. */
    QuietState quiet() {
        return quiet;
    }

    /** Whether what was claimed must not be started any more: other workers may have it by now. */
    boolean isForfeited() {
        return heartbeat.hasLapsed();
    }

    /** Whether a claim that may start as far as its queue knows must end all the same: it is cancelled, or too late. */
    boolean mustEnd(Claim claim) {
        return isExpired(claim) || claim.cancelReason() != null;
    }

    /** Hands over a claim that was not started, to go back to where it is taken next. */
    void release(Attempt attempt) {
        handOverUnrun(attempt, true);
    }

    /** Hands over a claim that was not started and {@linkplain #mustEnd must end}. */
    void end(Attempt attempt) {
        handOverUnrun(attempt, false);
    }

    private void handOverUnrun(Attempt attempt, boolean goesBack) {
        for (Throwable t = tryUnrun(attempt, goesBack); t != null; t = tryUnrun(attempt, goesBack)) {
            recover(attempt, t);
        }
    }

    /** Whatever it makes, it makes in here: nothing that takes memory may fail outside. */
    private Throwable tryUnrun(Attempt attempt, boolean goesBack) {
        try {
            Claim claim = attempt.claim();
            Outcome outcome;
            if (goesBack) {
                outcome = new Outcome.Released(claim);
            } else if (isExpired(claim)) {
                outcome = new Outcome.Expired(claim);
            } else {
                outcome = new Outcome.Cancelled(claim, false, Duration.ZERO);
            }
            settler.add(CompletedAttempt.notRun(outcome, attempt));
            return null;
        } catch (Throwable t) {
            return t;
        }
    }

    /**
     * Hands over how an attempt ended: what its handler returned, or what it threw. Does not return before the settler has
     * it, as a claim that nobody settles would neither be run again nor end. Memory is all that can be missing in the end,
     * and the handler that took it has returned.
     */
    void complete(Attempt attempt, Object result, Throwable failure) {
        long runNanos = attempt.runNanos();
        int tries = 0;
        Throwable t;
        while ((t = handOver(attempt, result, failure, runNanos, tries)) != null) {
            recover(attempt, t);
            // Memory comes back, now that the handler has ended.
            tries += t instanceof OutOfMemoryError ? 0 : 1;
        }
    }

    private static void recover(Attempt attempt, Throwable failure) {
        try {
            Failures.report(LOG, "outcome could not be handed over; retrying", "task_id", attempt.id(), failure);
            Failures.pause(NO_MEMORY_PAUSE_NANOS);
        } catch (Throwable t) {
            // Without memory not even a text for the log can be had. It is tried again all the same.
        }
    }

    private Throwable handOver(Attempt attempt, Object result, Throwable failure, long runNanos, int tries) {
        try {
            Duration runTime = Duration.ofNanos(runNanos);
            Throwable cause = OutcomeClassifier.cause(attempt, failure, runTime);
            Outcome outcome = tries < CLASSIFICATIONS
                    ? classifier.classify(attempt, result, cause, runTime)
                    : OutcomeClassifier.unclassified(attempt, cause, runTime);
            boolean ran = !(outcome instanceof Outcome.Released);
            settler.add(new CompletedAttempt(outcome, attempt, cause, ran, runTime));
            return null;
        } catch (Throwable t) {
            return t;
        }
    }
}
