package dev.taskqueue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some tasks of an enqueue were accepted, or may have been: the connection broke after they were sent and before Redis
 * answered, Redis took some of many, or the primary has them, and too few replicas do for a failover to keep them.
 *
 * <p>Each task of the call is certainly in its queue ({@link #acceptedIds()}), or in doubt ({@link #taskIds()}; the message
 * says how far that is known), or, if it is in neither list, certainly not in its queue: that one can be enqueued again. A call
 * whose tasks go to one queue is carried out from the first task on, but for parts of a few hundred that Redis refuses one by one;
 * a call whose tasks go to several queues by their routes is carried out for each queue by itself.
 *
 * <p>Enqueueing the tasks in doubt again, with the same ids, is safe when they carry an idempotency key: at most one run
 * succeeds. Without a key they may run twice.
 */
public class OutcomeUnknownException extends TaskQueueException {

    private static final long serialVersionUID = 2L;

    /** How many are certain. */
    private final int accepted;

    private final transient List<String> acceptedIds;

    private final transient List<String> taskIds;

    /**
     * @param message what was asked, and why the answer is unknown
     * @param accepted how many tasks, from the first, are certainly in their queues
     * @param acceptedIds the ids of all tasks that certainly are, in the order in which they were given; may be empty
     * @param taskIds the ids of the tasks in doubt, in the order in which they were given; may be empty
     * @param cause the client's own exception, or null
     */
    public OutcomeUnknownException(
            String message, int accepted, List<String> acceptedIds, List<String> taskIds, @Nullable Throwable cause) {
        super(message, cause);
        this.accepted = accepted;
        this.acceptedIds = List.copyOf(acceptedIds);
        this.taskIds = List.copyOf(taskIds);
    }

    /**
     * @return how many tasks of the call, from the first, are certainly in their queues; others behind them may be too, and are
     *     among {@link #acceptedIds()}. Of a stream the tasks count too that were not accepted as others hold their unique keys
     */
    public int accepted() {
        return accepted;
    }

    /**
     * @return the ids of all tasks of the call that are certainly in their queues, in its order; the first {@link #accepted()} of
     *     them are the first of the call. Of a stream those of its last part alone
     */
    public List<String> acceptedIds() {
        return acceptedIds;
    }

    /**
     * @return the ids of the tasks that may have been accepted, in the order of the call; empty where each is certain
     */
    public List<String> taskIds() {
        return taskIds;
    }
}
