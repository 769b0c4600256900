package dev.taskqueue.worker;

import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.RetryLaterException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.internal.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Decides what a handler's return or throw means for its task. What they returned or threw, and the retry policy, are not
 * ours: none of the methods here throws, whatever those do.
 */
final class OutcomeClassifier {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int MAX_ERROR_CHARS = 2_000;
    private static final Duration LONGEST_DELAY = Duration.ofDays(365);
    private static final Duration DEFAULT_DELAY = Duration.ofMinutes(1);

    private final RetryPolicy retryPolicy;
    private final boolean keepResults;
    private final ResultWriter results;

    OutcomeClassifier(RetryPolicy retryPolicy, boolean keepResults, ResultWriter results) {
        this.results = results;
        this.retryPolicy = retryPolicy;
        this.keepResults = keepResults;
    }

    /**
     * Says what a handler's return or throw means for its task. Never fails: whatever goes wrong here does so after the
     * handler has ended, and the task is neither lost nor run again for it.
     *
     * @param failure why the attempt failed, see {@link #cause}; null where it did not
     */
    Outcome classify(Attempt attempt, Object result, Throwable failure, Duration runTime) {
        if (failure == null) {
            return succeeded(attempt, result, runTime);
        }
        if (attempt.claim().cancelReason() != null) {
            return new Outcome.Cancelled(attempt.claim(), true, runTime);
        }
        if (attempt.cancellation() == Attempt.Cancellation.SHUTDOWN) {
            return new Outcome.Released(attempt.claim());
        }
        return failed(attempt, failure, runTime);
    }

    /**
     * Why an attempt failed: one that took too long has, whatever its handler returned or threw, and so has one of a cancelled
     * task whose handler was given up on.
     *
     * @param thrown what the handler threw, or null
     */
    static @Nullable Throwable cause(Attempt attempt, @Nullable Throwable thrown, Duration runTime) {
        if (attempt.cancellation() == Attempt.Cancellation.TIMEOUT) {
            return new TimeoutException("cancelled after " + runTime.toMillis() + " ms, for taking too long");
        }
        return attempt.isGivenUp()
                ? new CancellationException("cancelled after " + runTime.toMillis() + " ms")
                : thrown;
    }

    /** The plainest outcome, for an attempt whose own cannot be worked out. */
    static Outcome unclassified(Attempt attempt, Throwable failure, Duration runTime) {
        Task task = attempt.task();
        if (failure == null) {
            return new Outcome.Succeeded(
                    attempt.claim(), runTime, Optional.empty(), Optional.of("the result could not be worked out"));
        }
        if (attempt.claim().cancelReason() != null) {
            return new Outcome.Cancelled(attempt.claim(), true, runTime);
        }
        String error = failure.getClass().getName();
        return task.retry() >= task.maxRetries()
                ? new Outcome.Dead(attempt.claim(), task.withLastError(error), "retries exhausted", runTime)
                : new Outcome.Retry(attempt.claim(), task.withFailure(error), Duration.ofMinutes(1), runTime);
    }

    Outcome succeeded(Attempt attempt, Object result, Duration runTime) {
        ResultWriter.Written written =
                keepResults && result != null ? results.write(result) : ResultWriter.Written.NOTHING;
        written.error()
                .ifPresent(error -> LOG.atWarn()
                        .addKeyValue("result_class", result.getClass().getName())
                        .addKeyValue("error", error)
                        .log("cannot write result as JSON; task succeeded without it"));
        return new Outcome.Succeeded(attempt.claim(), runTime, written.json(), written.error());
    }

    Outcome failed(Attempt attempt, Throwable failure, Duration runTime) {
        Task task = attempt.task();
        String error = describe(failure);
        boolean permanent = failure instanceof PermanentFailureException;
        if (permanent || task.retry() >= task.maxRetries()) {
            String reason = permanent ? "permanent failure" : "retries exhausted";
            return new Outcome.Dead(attempt.claim(), task.withLastError(error), reason, runTime, StackText.of(failure));
        }
        Duration delay = delay(attempt, failure);
        return new Outcome.Retry(attempt.claim(), task.withFailure(error), delay, runTime);
    }

    /** With the stack, where the throwable lets itself be read. */
    private static void log(LoggingEventBuilder event, Throwable cause, String message) {
        try {
            event.setCause(cause).log(message);
        } catch (Throwable e) {
            LOG.atError().addKeyValue("error", describe(cause)).log(message);
        }
    }

    private Duration delay(Attempt attempt, Throwable failure) {
        Duration delay;
        try {
            delay = failure instanceof RetryLaterException later
                    ? later.delay()
                    : retryPolicy.delayAfter(attempt, failure);
        } catch (Throwable e) {
            log(LOG.atError(), e, "retry policy failed; retrying in a minute");
            return DEFAULT_DELAY;
        }
        if (delay == null || delay.isNegative()) {
            LOG.atError().addKeyValue("delay", delay).log("retry policy returned no valid delay; retrying in a minute");
            return DEFAULT_DELAY;
        }
        return delay.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay;
    }

    /** One line for eyes, never too long: our own exceptions by their message, all others with their class. */
    static String describe(Throwable failure) {
        try {
            String name = failure.getClass().getSimpleName();
            String message = failure.getMessage();
            if (message == null) {
                return name.isEmpty() ? failure.getClass().getName() : name;
            }
            String start = cut(message, MAX_ERROR_CHARS);
            return failure instanceof TaskQueueException || name.isEmpty()
                    ? start
                    : cut(name + ": " + start, MAX_ERROR_CHARS);
        } catch (Throwable e) {
            return cut(failure.getClass().getName(), MAX_ERROR_CHARS) + " (its message cannot be read: it threw "
                    + cut(e.getClass().getName(), MAX_ERROR_CHARS) + ")";
        }
    }

    /** The beginning of a text, which ends with no half of a surrogate pair that was whole. */
    static String cut(String text, int maxChars) {
        if (text.length() <= maxChars) {
            return text;
        }
        boolean inPair =
                Character.isHighSurrogate(text.charAt(maxChars - 1)) && Character.isLowSurrogate(text.charAt(maxChars));
        return text.substring(0, inPair ? maxChars - 1 : maxChars) + "…";
    }
}
