package dev.taskqueue.worker;

import dev.taskqueue.TaskState;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.Outcome;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An outcome on its way to being committed, with what is told once it is.
 *
 * @param outcome the outcome
 * @param attempt the attempt that it is of
 * @param failure what the attempt failed with; null if it did not
 * @param ran whether a handler had been started for it
 * @param runTime how long the handler took
 */
record CompletedAttempt(
        Outcome outcome, Attempt attempt, @Nullable Throwable failure, boolean ran, Duration runTime)
        implements Consumer<WorkerListener> {

    /** Of a claim that no handler was started for. */
    static CompletedAttempt notRun(Outcome outcome, Attempt attempt) {
        return new CompletedAttempt(outcome, attempt, null, false, Duration.ZERO);
    }

    Claim claim() {
        return outcome.claim();
    }

    /** The state that the attempt has brought its task to; null where the task merely waits again. */
    @Nullable
    TaskState state() {
        if (outcome instanceof Outcome.Succeeded) {
            return TaskState.SUCCEEDED;
        } else if (outcome instanceof Outcome.Retry) {
            return TaskState.RETRYING;
        } else if (outcome instanceof Outcome.Dead) {
            return TaskState.DEAD;
        } else if (outcome instanceof Outcome.Duplicate) {
            return TaskState.DUPLICATE;
        } else if (outcome instanceof Outcome.Expired) {
            return TaskState.EXPIRED;
        }
        return outcome instanceof Outcome.Cancelled ? TaskState.CANCELLED : null;
    }

    /** The same where it turned out to be committed as cancelled. */
    CompletedAttempt asCancelled() {
        return new CompletedAttempt(new Outcome.Cancelled(claim(), ran, runTime), attempt, failure, ran, runTime);
    }

    /** Whether the attempt failed, and its task is cancelled by now. */
    boolean isCancelledFailure() {
        boolean failed = outcome instanceof Outcome.Retry || outcome instanceof Outcome.Dead;
        return failed && claim().cancelReason() != null;
    }

    /** Tells a listener; to be called once it is committed. */
    @Override
    public void accept(WorkerListener listener) {
        if (outcome instanceof Outcome.Succeeded) {
            listener.taskSucceeded(attempt, runTime);
        } else if (outcome instanceof Outcome.Retry retry) {
            listener.taskRetried(attempt, failure, runTime, retry.delay());
        } else if (outcome instanceof Outcome.Dead dead) {
            listener.taskDied(attempt, failure, dead.reason(), runTime);
        } else if (outcome instanceof Outcome.Duplicate) {
            listener.taskSkipped(attempt);
        } else if (outcome instanceof Outcome.Expired) {
            listener.taskExpired(attempt);
        } else if (outcome instanceof Outcome.Cancelled) {
            listener.taskCancelled(attempt, runTime);
        }
    }
}
