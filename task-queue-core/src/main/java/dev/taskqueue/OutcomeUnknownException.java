package dev.taskqueue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some tasks of an enqueue were accepted, or may have been: the connection broke after they were sent and before Redis
 * answered, Redis took only the first of many, or the primary has them, and too few replicas do for a failover to keep them.
 * The first {@link #accepted()} tasks of the call are in the queue; those named by {@link #taskIds()} come next, and may be
 * (the message says how far that is known); the rest are not.
 *
 * <p>Enqueueing the tasks in doubt again, with the same ids, is safe when they carry an idempotency key: at most one run
 * succeeds. Without a key they may run twice.
 */
public class OutcomeUnknownException extends TaskQueueException {

    private static final long serialVersionUID = 1L;

    /** How many are certain. */
    private final int accepted;

    private final transient List<String> taskIds;

    /**
     * @param message what was asked, and why the answer is unknown
     * @param accepted how many tasks, from the first, are certainly in the queue
     * @param taskIds the ids of the tasks in doubt, in the order in which they were given; may be empty
     * @param cause the client's own exception, or null
     */
    public OutcomeUnknownException(String message, int accepted, List<String> taskIds, @Nullable Throwable cause) {
        super(message, cause);
        this.accepted = accepted;
        this.taskIds = List.copyOf(taskIds);
    }

    /**
     * @return how many tasks of the call, from the first, are certainly in the queue
     */
    public int accepted() {
        return accepted;
    }

    /**
     * @return the ids of the tasks that may have been accepted; empty where each is certain
     */
    public List<String> taskIds() {
        return taskIds;
    }
}
