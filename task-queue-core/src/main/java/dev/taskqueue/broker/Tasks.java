package dev.taskqueue.broker;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.MoveResult;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.internal.TaskStore;
import dev.taskqueue.internal.TaskLimits;
import java.util.List;
import java.util.Optional;

/**
 * The tasks of one queue where they are: to look at, to take out, to move to another queue.
 *
 * <p>Thread-safe. Every method throws {@link BrokerUnavailableException} where Redis does not answer and
 * {@link BrokerRejectedException} where it refuses this user.
 */
public final class Tasks {

    private static final int MOST_SEARCHED = 1_000_000;

    private final TaskStore store;

    Tasks(TaskStore store) {
        this.store = store;
    }

    /**
     * Reads some entries: of each lane in the order in which they will run, of {@code scheduled} the next due first, of dead
     * letters the oldest first.
     *
     * @param filter which, and in which places
     * @param from where to begin: {@link TaskPage#next} of the page before, with the same filter; or empty for the beginning
     * @param max how many entries to look at, 1 to 1,000,000; fewer where some hundred are found, or large ones
     * @return those that the filter takes, and where to go on
     * @throws InvalidTaskException if {@code from} is of no page
     */
    public TaskPage list(TaskFilter filter, Optional<String> from, int max) {
        TaskLimits.checkPresent("filter", filter);
        TaskLimits.checkPresent("from", from);
        if (max < 1 || max > MOST_SEARCHED) {
            throw new InvalidTaskException("max is " + max + "; it must be from 1 to " + MOST_SEARCHED);
        }
        return store.list(filter, from, max);
    }

    /**
     * Looks for one task: where its status says first, then in each place, the next to run and the newest first.
     *
     * @param id the task's id
     * @return where it is, with its bytes; empty if it has ended, or is not among the first 100,000 entries of a place
     */
    public Optional<TaskEntry> find(String id) {
        TaskLimits.checkPresent("id", id);
        return store.find(id);
    }

    /**
     * Makes scheduled tasks ready before their time, delayed ones and retries: each is the next of its lane. One that has come
     * due, or was taken out, meanwhile is left alone.
     *
     * @param entries entries as they were read; those that are not scheduled, and those that are no tasks, are left alone
     * @return those that this call made ready
     * @throws OutcomeUnknownException if it is not known which were made ready
     */
    public List<TaskEntry> runNow(List<TaskEntry> entries) {
        return store.runNow(entries);
    }

    /**
     * Takes entries out that wait: ready, scheduled, parked or for their trial. A task ends as {@link TaskState#CANCELLED} in
     * the same step, and gives up its unique key and whatever a lost worker left of its idempotency lock. Each leaves only while
     * it is still where it was read: what a worker has claimed meanwhile runs.
     *
     * @param entries entries as they were read; those that run or are dead, and those too long to be read, are left alone
     * @param reason why, for the statuses; may be empty; at most 1,000 characters
     * @return those that were taken out by this call
     * @throws InvalidTaskException if the reason is too long
     * @throws OutcomeUnknownException if it is not known which were taken out
     */
    public List<TaskEntry> purge(List<TaskEntry> entries, String reason) {
        TaskLimits.checkPresent("reason", reason);
        RedisBroker.checkReason(reason);
        return store.purge(entries, reason);
    }

    /**
     * Moves entries to the same place of another queue in the same Redis, parked ones to their lane there, each in one step: byte
     * for byte, in their order, and with all that belongs to them: status, unique key, and that they are cancelled. How often a
     * task was taken back from a lost worker begins anew. What a done idempotency key tells is told in the other queue too.
     *
     * <p>Some stay: one whose unique key another task holds there, or that another waits for here; one that waits for its key
     * itself; and one of which a copy with the same idempotency key is running. {@link MoveResult#kept} counts them.
     *
     * @param entries entries as they were read, from lanes, {@code scheduled}, parked or dead; others are left alone
     * @param queue the other queue's name
     * @return what was moved by this call, and what was kept back
     * @throws InvalidTaskException if it is this queue, or its name is not allowed, or in Redis Cluster lies in another slot
     * @throws BrokerRejectedException if the other queue is of a newer version of this library
     * @throws OutcomeUnknownException if it is not known which were moved
     */
    public MoveResult move(List<TaskEntry> entries, String queue) {
        TaskLimits.checkPresent("queue", queue);
        return store.move(entries, queue);
    }
}
