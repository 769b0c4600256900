package dev.taskqueue.broker.internal;

import dev.taskqueue.Task;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One task that a worker has taken and not yet settled. Two claims are the same only if they are the same object: one task
 * can be claimed again after it was recovered.
 */
public final class Claim {

    private final int size;
    private final boolean dated;
    private volatile Content content;
    private volatile boolean begun;
    private volatile boolean putBack;
    private volatile @Nullable String cancelReason;

    Claim(byte[] raw, Task task, Optional<String> lockToken, boolean dated) {
        this.size = raw.length;
        this.content = new Content(raw, task, lockToken);
        this.dated = dated;
    }

    private record Content(byte[] raw, Task task, Optional<String> lockToken) {}

    /** From now on it is the claim of this content, which lies in the processing list in place of the one before. */
    void become(byte[] raw, Task task, Optional<String> lockToken) {
        content = new Content(raw, task, lockToken);
    }

    /**
     * @return the task
     */
    public Task task() {
        return content.task();
    }

    /**
     * @return whether the task told when it was made; if not, its {@code createdAt} is the time of the claim
     */
    public boolean dated() {
        return dated;
    }

    /**
     * @return how many bytes the task had as JSON when it was claimed
     */
    public int size() {
        return size;
    }

    /** Its very bytes in the processing list: whatever removes it must match them. */
    byte[] raw() {
        return content.raw();
    }

    /** What its idempotency key holds while it runs; empty for a task without a key. */
    Optional<String> lockToken() {
        return content.lockToken();
    }

    /** Says that its task has begun: that a handler is called for it, here or before. */
    public void begin() {
        begun = true;
    }

    /** Whether its task has begun, as far as is known: then its content is replaced by no other. */
    boolean hasBegun() {
        return begun || task().retry() > 0;
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
        return "claim of task " + task().id();
    }
}
