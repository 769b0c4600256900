package dev.taskqueue;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a task is where it is. Immutable. Nothing of its payload is in it; what errors and reasons quote is one line of bounded
 * length.
 *
 * @param id the task's id
 * @param queue the queue that it is or was in; empty if nothing is known of it
 * @param type the task's type; empty if it is not known
 * @param state what its status says; empty if it has none, or none that can be read
 * @param place where its entry was found; empty if it was not, or was not looked for as the task has ended
 * @param reasons at least one, what matters most first
 */
public record Explanation(
        String id,
        Optional<String> queue,
        Optional<String> type,
        Optional<TaskState> state,
        Optional<TaskSearch.Place> place,
        List<Reason> reasons) {

    public Explanation {
        reasons = List.copyOf(reasons);
    }

    /**
     * One thing that keeps a task where it is, or brought it there.
     *
     * @param code which, for programs; in later versions there may be more
     * @param text the same in a sentence or two, for people; it may be worded differently in later versions
     * @param remedy what to do about it; empty text where there is nothing to do
     */
    public record Reason(Code code, String text, String remedy) {}

    /** What a reason is about. */
    public enum Code {
        /** The queue is paused. */
        PAUSED,
        /** It is to be cancelled, and whoever holds or takes it ends it. */
        CANCEL_REQUESTED,
        /** It waits in a lane for a free thread. */
        READY,
        /** No worker of the queue lives. */
        NO_WORKERS,
        /** No live worker handles its type. */
        NO_HANDLER,
        /** All live workers were told to take nothing new. */
        WORKERS_QUIET,
        /** It is not to run before a time. */
        DELAYED,
        /** An attempt failed, and the next one is due later. */
        RETRY,
        /** A task with the same idempotency key runs. */
        IDEMPOTENCY_KEY_HELD,
        /** A task with the same unique key has not ended. */
        UNIQUE_KEY_HELD,
        /** It is due, and is not in its lane yet. */
        OVERDUE,
        /** It waits for a worker that knows its type. */
        PARKED,
        /** It was taken back too often from workers that died, and waits for its trial. */
        SUSPECT,
        /** A worker holds it and has not begun it, or not long ago. */
        CLAIMED,
        /** Its handler runs. */
        RUNNING,
        /** Its handler has exceeded its time limit, or its task is cancelled, and goes on all the same. */
        ABANDONED,
        /** The worker that holds it has been silent. */
        WORKER_SILENT,
        /** It has not begun by its {@code expires_at}, and ends as expired once it is taken. */
        EXPIRES,
        /** Its entry is no task, and becomes a dead letter once it is taken. */
        MALFORMED,
        /** It was given up. */
        DEAD,
        /** Its handler returned. */
        SUCCEEDED,
        /** It was not run, as another task with the same key had succeeded, or was there. */
        DUPLICATE,
        /** It had not begun by its {@code expires_at}. */
        EXPIRED,
        /** It was cancelled. */
        CANCELLED,
        /** Its status says that it has not ended, and it was not found where it was looked for. */
        NOT_FOUND,
        /** What stands where its status should be cannot be read. */
        STATUS_UNREADABLE,
        /** There is neither a status nor an entry of its id. */
        UNKNOWN;

        private final String wireName = name().toLowerCase(Locale.ROOT);

        /**
         * @return the name for programs, such as {@code no_workers}
         */
        public String wireName() {
            return wireName;
        }
    }
}
