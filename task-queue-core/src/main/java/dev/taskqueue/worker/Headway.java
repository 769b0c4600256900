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
    private volatile boolean onTrial;

    Headway(UnsettledClaims unsettled, RunnerPool pool) {
        this.unsettled = unsettled;
        this.pool = pool;
    }

    /** Told as the worker begins and ends to hold everything back for a trial, which takes it seconds at most. */
    void trial(boolean begins) {
        onTrial = begins;
    }

    synchronized void beat(boolean tasksWait) {
        long claims = unsettled.everAdded();
        boolean stalled = tasksWait && claims == claimsAtBeat && pool.idle() > 0 && !onTrial;
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
