package dev.taskqueue;

import dev.taskqueue.internal.TaskLimits;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a task is to be treated. Immutable; every {@code with…} method returns a copy.
 *
 * @param maxRetries how many more attempts follow a failed first one, 0 to 10,000
 * @param priority its lane
 * @param idempotencyKey of the tasks with the same key only one succeeds within the window; 1 to 256 characters, or null for
 *     none
 * @param timeout how long one attempt may take, 1 ms to 7 days; null for the worker's own limit
 * @param runAt before when it is not to run, by Redis' clock: 1970 to 9999, and a part of a millisecond counts as a whole one;
 *     null for at once
 * @param expiresAt by when it is to have begun, by Redis' clock, or else never begins: 1970 to 9999, in whole milliseconds;
 *     null for no end
 * @param unique that one task of a key at a time may be unfinished; null for any number
 */
public record TaskOptions(
        int maxRetries,
        Priority priority,
        @Nullable String idempotencyKey,
        @Nullable Duration timeout,
        @Nullable Instant runAt,
        @Nullable Instant expiresAt,
        @Nullable Unique unique) {

    /** How many retries a task gets that does not say: {@value}. */
    public static final int DEFAULT_MAX_RETRIES = 3;

    /**
     * {@value #DEFAULT_MAX_RETRIES} retries, normal priority, no idempotency key, the worker's own time limit, to be run at once
     * and however late it is, beside any others.
     */
    public static final TaskOptions DEFAULT =
            new TaskOptions(DEFAULT_MAX_RETRIES, Priority.NORMAL, null, null, null, null, null);

    /**
     * Checks every field.
     *
     * @throws InvalidTaskException if one is out of its range; the message names it
     */
    public TaskOptions {
        TaskLimits.checkRange("max_retries", maxRetries, 0, TaskLimits.MAX_RETRIES);
        TaskLimits.checkPresent("priority", priority);
        if (idempotencyKey != null) {
            TaskLimits.checkName("idempotency_key", idempotencyKey, TaskLimits.IDEMPOTENCY_KEY_LENGTH);
        }
        if (timeout != null) {
            TaskLimits.checkRange("timeout_ms", TaskLimits.millis(timeout), 1, TaskLimits.MAX_TIMEOUT_MILLIS);
        }
        if (runAt != null) {
            runAt = Instant.ofEpochMilli(TaskLimits.timeUp("run_at", runAt));
        }
        if (expiresAt != null) {
            expiresAt = Instant.ofEpochMilli(TaskLimits.time("expires_at", expiresAt));
        }
    }

    /**
     * @param retries 0 to 10,000
     * @return a copy with that many retries
     */
    public TaskOptions withMaxRetries(int retries) {
        return new TaskOptions(retries, priority, idempotencyKey, timeout, runAt, expiresAt, unique);
    }

    /**
     * @param lane the lane
     * @return a copy with that priority
     */
    public TaskOptions withPriority(Priority lane) {
        return new TaskOptions(maxRetries, lane, idempotencyKey, timeout, runAt, expiresAt, unique);
    }

    /**
     * @param key 1 to 256 characters
     * @return a copy with that idempotency key
     */
    public TaskOptions withIdempotencyKey(String key) {
        TaskLimits.checkPresent("idempotency_key", key);
        return new TaskOptions(maxRetries, priority, key, timeout, runAt, expiresAt, unique);
    }

    /**
     * @param limit how long one attempt may take, 1 ms to 7 days
     * @return a copy with that limit
     */
    public TaskOptions withTimeout(Duration limit) {
        TaskLimits.checkPresent("timeout_ms", limit);
        return new TaskOptions(maxRetries, priority, idempotencyKey, limit, runAt, expiresAt, unique);
    }

    /**
     * @param time before when it is not to run, by Redis' clock: 1970 to 9999
     * @return a copy with that time
     */
    public TaskOptions withRunAt(Instant time) {
        TaskLimits.checkPresent("run_at", time);
        return new TaskOptions(maxRetries, priority, idempotencyKey, timeout, time, expiresAt, unique);
    }

    /**
     * @return a copy that may run at once
     */
    public TaskOptions withoutRunAt() {
        return new TaskOptions(maxRetries, priority, idempotencyKey, timeout, null, expiresAt, unique);
    }

    /**
     * @param time by when it is to have begun, by Redis' clock: 1970 to 9999
     * @return a copy with that time
     */
    public TaskOptions withExpiresAt(Instant time) {
        TaskLimits.checkPresent("expires_at", time);
        return new TaskOptions(maxRetries, priority, idempotencyKey, timeout, runAt, time, unique);
    }

    /**
     * @param rule that one task of a key at a time may be unfinished
     * @return a copy with that
     */
    public TaskOptions withUnique(Unique rule) {
        TaskLimits.checkPresent("unique", rule);
        return new TaskOptions(maxRetries, priority, idempotencyKey, timeout, runAt, expiresAt, rule);
    }
}
