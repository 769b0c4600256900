package dev.taskqueue;

/** What {@link dev.taskqueue.broker.RedisBroker#cancel} found. */
public enum Cancellation {
    /** It waited, or lay among the dead letters, and is gone from there: it will not run. Its state is {@link TaskState#CANCELLED}. */
    REMOVED,
    /**
     * It runs, is about to, or waits where it was not found. Whoever runs it is told to stop, within a second or so while its
     * worker reaches Redis; one that has not begun when its worker learns of it never begins.
     */
    REQUESTED,
    /** It had come to its end before. */
    ALREADY_ENDED,
    /** It has no status, and was not found. Nothing is left behind: if it is there all the same, it runs. */
    UNKNOWN
}
