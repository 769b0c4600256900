package dev.taskqueue.broker.internal;

/** What became of one outcome. */
public enum Settled {
    /** Committed. */
    YES,
    /** Committed, but as {@link Outcome.Cancelled}: its attempt had failed, and meanwhile its task was cancelled. */
    CANCELLED,
    /** Changed nothing: settled before, or recovered by another worker meanwhile. */
    STALE,
    /** A key that it needs is of a wrong type; the task is still in the processing list. */
    REFUSED
}
