package dev.taskqueue;

import dev.taskqueue.TaskSearch.Place;
import java.time.Instant;
import java.util.Optional;

/**
 * A task, or an entry that is none, as it is in one place of a queue. Immutable.
 *
 * @param id the task's id; of an entry without one, {@code raw-} and the SHA-1 of its bytes in hexadecimal digits
 * @param queue the queue that it is in
 * @param place where it is there
 * @param position how many entries of the same list come before it: those that are taken earlier, or due earlier
 * @param task the task; empty for an entry that is no task. One without an id of its own has {@link #id} for it, and one without
 *     {@code created_at} was made in 1970
 * @param worker who holds it, if a worker does
 * @param dueAt when it is due, if it is scheduled; of Redis' clock
 * @param problem why it is no task; empty for a task
 * @param raw its bytes as they are in Redis; empty for an entry that is longer than any task may be
 */
public record TaskEntry(
        String id,
        String queue,
        Place place,
        long position,
        Optional<Task> task,
        Optional<String> worker,
        Optional<Instant> dueAt,
        Optional<String> problem,
        byte[] raw) {

    /** Copies the bytes. */
    public TaskEntry {
        raw = raw.clone();
    }

    @Override
    public byte[] raw() {
        return raw.clone();
    }

    /**
     * @return the task's type; empty for what is no task
     */
    public Optional<String> type() {
        return task.map(Task::type);
    }

    /**
     * @return where the task stands, as far as its place tells
     */
    public TaskState state() {
        return switch (place) {
            case PROCESSING -> TaskState.RUNNING;
            case SCHEDULED -> task.map(Task::retry).orElse(0) > 0 ? TaskState.RETRYING : TaskState.SCHEDULED;
            case DEAD -> TaskState.DEAD;
            default -> TaskState.PENDING;
        };
    }
}
