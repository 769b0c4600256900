package dev.taskqueue;

import dev.taskqueue.internal.TaskLimits;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to a task so far. Immutable.
 *
 * @param createdAtMillis when it was made, in milliseconds since the epoch; 0 or more
 * @param retry how many attempts have failed; 0 for a new task
 * @param lastError why the latest attempt failed; null if none did
 */
public record TaskHistory(
        long createdAtMillis, int retry, @Nullable String lastError) {

    /**
     * Checks every field.
     *
     * @throws InvalidTaskException if one is out of its range; the message names it
     */
    public TaskHistory {
        TaskLimits.checkRange("created_at", createdAtMillis, 0, Long.MAX_VALUE);
        TaskLimits.checkRange("retry", retry, 0, Integer.MAX_VALUE);
    }

    /**
     * @param createdAtMillis when the task was made, in milliseconds since the epoch
     * @return the history of a task that has not been tried
     */
    public static TaskHistory startingAt(long createdAtMillis) {
        return new TaskHistory(createdAtMillis, 0, null);
    }

    /**
     * @return when it was made
     */
    public Instant createdAt() {
        return Instant.ofEpochMilli(createdAtMillis);
    }

    /**
     * @return the number of the attempt that runs or comes next; 1 for a new task
     */
    public int attempt() {
        return retry == Integer.MAX_VALUE ? retry : retry + 1;
    }

    /**
     * @param error why the attempt failed
     * @return a copy with one more failed attempt
     */
    public TaskHistory withFailure(String error) {
        return new TaskHistory(createdAtMillis, attempt(), error);
    }

    /**
     * @param error why the last attempt failed
     * @return a copy with that error, and no attempt counted
     */
    public TaskHistory withLastError(String error) {
        return new TaskHistory(createdAtMillis, retry, error);
    }
}
