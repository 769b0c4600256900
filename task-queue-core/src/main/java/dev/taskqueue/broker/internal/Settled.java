package dev.taskqueue.broker.internal;

/** What became of one outcome. */
public enum Settled {
    /** Committed. */
    YES,
    /** Changed nothing: settled before, or recovered by another worker meanwhile. */
    STALE,
    /** A key that it needs is of a wrong type; the task is still in the processing list. */
    REFUSED
}
