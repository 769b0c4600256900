package dev.taskqueue.dashboard;

import java.util.Locale;

/** Who may do what; each may do what those before it may. */
enum Role {
    /** Has shown no token. */
    ANYONE,
    /** Looks. */
    VIEWER,
    /** Does what can be undone, or harms no task: enqueues, cancels, retries, pauses and resumes, fires a schedule. */
    OPERATOR,
    /** Deletes, and changes what stays: schedules, queues, workers. */
    ADMIN;

    boolean includes(Role needed) {
        return compareTo(needed) >= 0;
    }

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
