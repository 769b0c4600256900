package dev.taskqueue.broker.internal;

/** What became of a claim's idempotency lock. */
public enum Lock {
    /** The claim holds it: the task may run. */
    TAKEN,
    /** Another task of this key has succeeded within the window. */
    DONE,
    /** This very task has succeeded within the window. */
    DONE_BY_ITSELF,
    /** A task of this key runs right now. */
    BUSY,
    /** The key holds something other than a lock: no task that has this key can ever run. */
    UNUSABLE
}
