package dev.taskqueue.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.RawJson;
import dev.taskqueue.RetryLaterException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Decides what a handler's return or throw means for its task. */
final class Outcomes {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int MAX_ERROR_CHARS = 2_000;
    private static final int MAX_RESULT_BYTES = 4 << 10;
    private static final Duration LONGEST_DELAY = Duration.ofDays(365);

    private final RetryPolicy retryPolicy;
    private final boolean keepResults;
    private final ObjectMapper mapper = JsonMapper.builder().build();

    Outcomes(RetryPolicy retryPolicy, boolean keepResults) {
        this.retryPolicy = retryPolicy;
        this.keepResults = keepResults;
    }

    /**
     * Says what a handler's return or throw means for its task. Never fails: whatever goes wrong here does so after the
     * handler has ended, and the task is neither lost nor run again for it.
     *
     * @param failure what the handler threw, or null where it returned
     */
    Outcome classify(Attempt attempt, Object result, Throwable failure, Duration runTime) {
        Attempt.Cancellation cancellation = attempt.cancellation();
        if (cancellation == Attempt.Cancellation.TIMEOUT) {
            return failed(attempt, tooLong(runTime), runTime);
        }
        if (failure == null) {
            return succeeded(attempt, result, runTime);
        }
        if (cancellation == Attempt.Cancellation.SHUTDOWN) {
            return new Outcome.Released(attempt.claim());
        }
        return failed(attempt, failure, runTime);
    }

    /** The plainest outcome, for an attempt whose own cannot be worked out. */
    static Outcome unclassified(Attempt attempt, boolean failed, Duration runTime) {
        Task task = attempt.task();
        if (!failed) {
            return new Outcome.Succeeded(attempt.claim(), runTime, Optional.empty());
        }
        String error = "the failure could not be classified";
        return task.retry() >= task.maxRetries()
                ? new Outcome.Dead(attempt.claim(), task.withLastError(error), "retries exhausted", runTime)
                : new Outcome.Retry(attempt.claim(), task.withFailure(error), Duration.ofMinutes(1), runTime);
    }

    private static TimeoutException tooLong(Duration runTime) {
        return new TimeoutException("cancelled after " + runTime.toMillis() + " ms, for taking too long");
    }

    Outcome succeeded(Attempt attempt, Object result, Duration runTime) {
        if (LOG.isDebugEnabled()) {
            LOG.atDebug().addKeyValue("duration_ms", runTime.toMillis()).log("task succeeded");
        }
        boolean kept = keepResults && result != null;
        return new Outcome.Succeeded(attempt.claim(), runTime, kept ? write(result) : Optional.empty());
    }

    /** The result as JSON; one that is too long becomes an object that tells its size and holds its beginning. */
    private Optional<RawJson> write(Object result) {
        try {
            String json = mapper.writeValueAsString(result);
            int bytes = json.getBytes(StandardCharsets.UTF_8).length;
            if (bytes <= MAX_RESULT_BYTES) {
                return Optional.of(RawJson.parse(json));
            }
            return Optional.of(RawJson.of(JsonNodeFactory.instance
                    .objectNode()
                    .put("truncated", true)
                    .put("bytes", bytes)
                    .put("start", json.substring(0, MAX_RESULT_BYTES / 4))));
        } catch (JsonProcessingException | RuntimeException e) {
            // The work is done: a result that cannot be shown is no reason to do it again.
            LOG.atWarn()
                    .addKeyValue("result_class", result.getClass().getName())
                    .addKeyValue("error", describe(e))
                    .log("the result cannot be written as JSON and is not kept");
            return Optional.empty();
        }
    }

    Outcome failed(Attempt attempt, Throwable failure, Duration runTime) {
        Task task = attempt.task();
        String error = describe(failure);
        boolean permanent = failure instanceof PermanentFailureException;
        if (permanent || task.retry() >= task.maxRetries()) {
            String reason = permanent ? "permanent failure" : "retries exhausted";
            warn(failure, runTime).addKeyValue("reason", reason).log("task died");
            return new Outcome.Dead(attempt.claim(), task.withLastError(error), reason, runTime);
        }
        Duration delay = delay(attempt, failure);
        warn(failure, runTime).addKeyValue("retry_in_ms", delay.toMillis()).log("attempt failed");
        return new Outcome.Retry(attempt.claim(), task.withFailure(error), delay, runTime);
    }

    private static LoggingEventBuilder warn(Throwable failure, Duration runTime) {
        LOG.atDebug().setCause(failure).log("stack of the failure");
        return LOG.atWarn().addKeyValue("error", describe(failure)).addKeyValue("duration_ms", runTime.toMillis());
    }

    private Duration delay(Attempt attempt, Throwable failure) {
        Duration delay;
        try {
            delay = failure instanceof RetryLaterException later
                    ? later.delay()
                    : retryPolicy.delayAfter(attempt, failure);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("the retry policy failed; the task waits a minute");
            return Duration.ofMinutes(1);
        }
        if (delay == null || delay.isNegative()) {
            LOG.atError().addKeyValue("delay", delay).log("the retry policy gave no delay; the task waits a minute");
            return Duration.ofMinutes(1);
        }
        return delay.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay;
    }

    /** One line for eyes: our own exceptions by their message, all others with their class. */
    static String describe(Throwable failure) {
        String name = failure.getClass().getSimpleName();
        String message = failure.getMessage();
        String text = message == null
                ? name
                : failure instanceof TaskQueueException ? message : (name.isEmpty() ? "" : name + ": ") + message;
        return text.length() <= MAX_ERROR_CHARS ? text : text.substring(0, MAX_ERROR_CHARS) + "…";
    }
}
