package dev.taskqueue.broker.internal;

/** What became of a claim's idempotency lock, and of its unique key. */
public enum Lock {
    /** The claim holds it: the task may run. */
    TAKEN,
    /** Another task of this key has succeeded within the window, or holds the unique key. */
    DONE,
    /** This very task has succeeded within the window. */
    DONE_BY_ITSELF,
    /** A task of this key runs right now, or is to run before it. */
    BUSY,
    /** The key holds something other than a lock: no task that has this key can ever run. */
    UNUSABLE,
    /** The unique key holds something else: no task that has this key can ever run. */
    UNIQUE_UNUSABLE,
    /** The worker does not hold the task any more, or finds it anew, with another text. */
    GONE
}
