package dev.taskqueue.worker;

import java.util.Optional;

/**
 * Whether tasks are taken while they wait. Looked at with each heartbeat, which tells for nothing whether tasks wait: where
 * they do, and runners are idle, and nothing was claimed since the heartbeat before, twice in a row, something is broken
 * that no exception told of. Thread-safe.
 */
final class Headway {

    private static final int STALLED_BEATS = 2;

    private final UnsettledClaims unsettled;
    private final RunnerPool pool;
    private long claimsAtBeat;
    private int stalledBeats;
    private final QueueSlots slots;

    Headway(UnsettledClaims unsettled, RunnerPool pool, QueueSlots slots) {
        this.unsettled = unsettled;
        this.pool = pool;
        this.slots = slots;
    }

    synchronized void beat(boolean tasksWait) {
        long claims = unsettled.everAdded();
        boolean mayClaim = pool.idle() > 0 && !slots.isAtLimit() && !pool.isOnTrial();
        boolean stalled = tasksWait && claims == claimsAtBeat && mayClaim;
        stalledBeats = stalled ? stalledBeats + 1 : 0;
        claimsAtBeat = claims;
    }

    /** Why none is made; empty while it is. */
    synchronized Optional<String> stall() {
        return stalledBeats >= STALLED_BEATS && unsettled.everAdded() == claimsAtBeat
                ? Optional.of(
                        "tasks wait and runners are idle, but nothing was claimed for " + stalledBeats + " heartbeats")
                : Optional.empty();
    }
}
