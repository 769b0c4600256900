package dev.taskqueue.broker.internal;

import dev.taskqueue.Task;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One task that a worker has taken and not yet settled. Two claims are the same only if they are the same object: one task
 * can be claimed again after it was recovered.
 */
public final class Claim {

    private final byte[] raw;
    private final Task task;
    private final Optional<String> lockToken;
    private final boolean dated;
    private volatile boolean putBack;
    private volatile @Nullable String cancelReason;

    Claim(byte[] raw, Task task, Optional<String> lockToken, boolean dated) {
        this.raw = raw;
        this.task = task;
        this.lockToken = lockToken;
        this.dated = dated;
    }

    /**
     * @return the task
     */
    public Task task() {
        return task;
    }

    /**
     * @return whether the task told when it was made; if not, its {@code createdAt} is the time of the claim
     */
    public boolean dated() {
        return dated;
    }

    /**
     * @return how many bytes the task has as JSON
     */
    public int size() {
        return raw.length;
    }

    /** Its very bytes in the processing list: whatever removes it must match them. */
    byte[] raw() {
        return raw;
    }

    /** What its idempotency key holds while it runs; empty for a task without a key. */
    Optional<String> lockToken() {
        return lockToken;
    }

    /** Says that it is settled without having come to its end: it waits again, unchanged. */
    void putBack() {
        putBack = true;
    }

    boolean isPutBack() {
        return putBack;
    }

    /** Says that its task has been cancelled: it must not start, nor run again. */
    void cancel(String reason) {
        cancelReason = reason;
    }

    /**
     * @return why its task was cancelled, empty where that was not said; null while it is not known to be cancelled
     */
    public @Nullable String cancelReason() {
        return cancelReason;
    }

    @Override
    public String toString() {
        return "claim of task " + task.id();
    }
}
