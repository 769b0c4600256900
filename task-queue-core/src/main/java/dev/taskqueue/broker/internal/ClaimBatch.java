package dev.taskqueue.broker.internal;

import java.util.List;

/**
 * What a claim brought.
 *
 * @param claims tasks to run, in the order in which to run them
 * @param malformed how many malformed entries were found; they have been moved to the dead letters
 * @param paused whether the queue is paused: nothing may be started, and what a wait brought all the same goes back
 * @param anyCancelled whether some of them may be cancelled, so that Redis must be asked before they start
 */
public record ClaimBatch(List<Claim> claims, int malformed, boolean paused, boolean anyCancelled) {

    /** Nothing waits. */
    static final ClaimBatch EMPTY = new ClaimBatch(List.of(), 0, false, false);

    /** The queue is paused. */
    static final ClaimBatch PAUSED = new ClaimBatch(List.of(), 0, true, false);
}
