package dev.taskqueue.broker.internal;

import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import java.time.Duration;
import java.util.Optional;

/** How a claimed task fared, as {@link BrokerSession#settle} commits it. */
public sealed interface Outcome {

    /**
     * @return the claim that this settles
     */
    Claim claim();

    /**
     * Its handler returned.
     *
     * @param claim the claim
     * @param runTime how long the attempt took
     * @param result what the handler returned, if that is kept
     * @param resultError why what it returned is not kept
     */
    record Succeeded(Claim claim, Duration runTime, Optional<RawJson> result, Optional<String> resultError)
            implements Outcome {

        /**
         * @param claim the claim
         * @param runTime how long the attempt took
         * @param result what the handler returned, if that is kept
         */
        public Succeeded(Claim claim, Duration runTime, Optional<RawJson> result) {
            this(claim, runTime, result, Optional.empty());
        }
    }

    /**
     * The attempt failed and another follows.
     *
     * @param claim the claim
     * @param next the task as it waits for its next attempt: one failure more, and the error
     * @param delay how long it waits
     * @param runTime how long the attempt took
     */
    record Retry(Claim claim, Task next, Duration delay, Duration runTime) implements Outcome {}

    /**
     * No attempt follows.
     *
     * @param claim the claim
     * @param failed the task with its last failure counted
     * @param reason why it was given up, such as {@code retries exhausted}
     * @param runTime how long the last attempt took
     * @param stack the stack of its failure, shortened; empty where there is none
     */
    record Dead(Claim claim, Task failed, String reason, Duration runTime, Optional<String> stack) implements Outcome {

        /**
         * Without a stack.
         *
         * @param claim the claim
         * @param failed the task with its last failure counted
         * @param reason why it was given up
         * @param runTime how long the last attempt took
         */
        public Dead(Claim claim, Task failed, String reason, Duration runTime) {
            this(claim, failed, reason, runTime, Optional.empty());
        }
    }

    /**
     * Not run: its idempotency key is done.
     *
     * @param claim the claim
     * @param ofItself whether it was this very task that succeeded, and was enqueued or recovered once more
     */
    record Duplicate(Claim claim, boolean ofItself) implements Outcome {}

    /**
     * Not run: another task of its idempotency key runs right now. It comes back, unchanged, and nothing is counted.
     *
     * @param claim the claim
     * @param delay how long it waits
     */
    record Deferred(Claim claim, Duration delay) implements Outcome {}

    /**
     * Not run: its time has not come. It waits in {@code scheduled} until its {@code run_at}, unchanged, and nothing is counted.
     *
     * @param claim the claim, of a task with a time
     */
    record NotDue(Claim claim) implements Outcome {}

    /**
     * Not run, and never again: it had not begun by its {@code expires_at}.
     *
     * @param claim the claim
     */
    record Expired(Claim claim) implements Outcome {}

    /**
     * Cancelled, whether it had begun or not.
     *
     * @param claim the claim, whose {@link Claim#cancelReason} is known
     * @param begun whether its handler was called
     * @param runTime how long the attempt took; zero where it had not begun
     */
    record Cancelled(Claim claim, boolean begun, Duration runTime) implements Outcome {}

    /**
     * Not run: this worker does not know its type. It waits for one that does, and nothing is counted.
     *
     * @param claim the claim
     */
    record Parked(Claim claim) implements Outcome {}

    /**
     * Not finished: it goes back, unchanged, to where it is taken next.
     *
     * @param claim the claim
     */
    record Released(Claim claim) implements Outcome {}
}
