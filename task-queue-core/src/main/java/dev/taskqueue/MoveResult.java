package dev.taskqueue;

import java.util.List;

/**
 * What became of entries that were to be moved to another queue. Immutable. What is in neither list was not there any more.
 *
 * @param moved those that are in the other queue now
 * @param kept those that have stayed, as a unique or an idempotency key ties them to their queue for now
 */
public record MoveResult(List<TaskEntry> moved, List<TaskEntry> kept) {

    /** Copies the lists. */
    public MoveResult {
        moved = List.copyOf(moved);
        kept = List.copyOf(kept);
    }
}
