package dev.taskqueue;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a task was found that has no status, or how far it was looked for.
 *
 * @param queue the queue that it is in; empty if it was not found
 * @param place where it is there; empty if it was not found
 * @param type the task's type; empty text if it was not found
 * @param worker who holds it, if a worker does
 * @param dueAt when it is due, if it is scheduled; of Redis' clock
 * @param reason why it is dead, if it is
 * @param searched how many entries were looked at
 * @param complete whether that was every entry of the queue; of each queue, where it was looked for in several
 */
public record TaskSearch(
        Optional<String> queue,
        Optional<Place> place,
        String type,
        Optional<String> worker,
        Optional<Instant> dueAt,
        Optional<String> reason,
        long searched,
        boolean complete) {

    /** Where an entry can be, in the names of the fields that {@code client.jar stats --json} prints. */
    public enum Place {
        /** The high lane. */
        READY_HIGH,
        /** The normal lane. */
        READY_NORMAL,
        /** The low lane. */
        READY_LOW,
        /** Held by a worker. */
        PROCESSING,
        /** Waits for its time. */
        SCHEDULED,
        /** Waits for its trial. */
        SUSPECTS,
        /** Waits for a worker that knows its type. */
        PARKED,
        /** A dead letter. */
        DEAD
    }
}
