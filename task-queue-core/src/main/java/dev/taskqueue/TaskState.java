package dev.taskqueue;

import java.util.Locale;

/** Where a task stands, as its status tells it. */
public enum TaskState {
    /** Accepted, and waiting in a lane. */
    PENDING,
    /** Accepted, and waiting for its time; or, once that has come, in a lane. */
    SCHEDULED,
    /** A handler has been at it for longer than a few commits of its worker; a shorter run goes straight to its end. */
    RUNNING,
    /** An attempt failed; the task waits for the next one. */
    RETRYING,
    /** Its handler returned. Final. */
    SUCCEEDED,
    /** Not run: another task with the same idempotency key had already succeeded. Final. */
    DUPLICATE,
    /** Given up, and kept among the dead letters. Final. */
    DEAD,
    /** Not run, or not run again: it had not begun by its {@code expires_at}. Final. */
    EXPIRED,
    /** Cancelled before it ran, or while it did. Final. */
    CANCELLED;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /**
     * @return the name in Redis, such as {@code succeeded}
     */
    public String wireName() {
        return wireName;
    }

    /**
     * @return whether the task has come to its end, so that its status now expires
     */
    public boolean isFinal() {
        return this == SUCCEEDED || this == DUPLICATE || this == DEAD || this == EXPIRED || this == CANCELLED;
    }

    /**
     * @param name a name as {@link #wireName()} gives it
     * @return the state of that name
     * @throws IllegalArgumentException if there is none
     */
    public static TaskState ofWireName(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
