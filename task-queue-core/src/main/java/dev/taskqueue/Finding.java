package dev.taskqueue;

import java.util.Locale;
import java.util.Optional;

/**
 * One thing that is wrong with Redis or a queue, or will be, or that could not be looked at. Immutable. Nothing of a payload is in
 * it.
 *
 * @param severity how bad it is
 * @param code which, for programs; in later versions there may be more
 * @param queue the queue that it is about; empty for what is about Redis itself
 * @param what what was found, in a sentence; it may be worded differently in later versions
 * @param meaning what that leads to
 * @param todo what to do about it
 */
public record Finding(Severity severity, Code code, Optional<String> queue, String what, String meaning, String todo) {

    /**
     * @return whether something is wrong, or soon will be: a warning or worse
     */
    public boolean isWrong() {
        return severity != Severity.INFO;
    }

    /** How bad it is, the least first. */
    public enum Severity {
        /** Good to know; nothing is wrong. */
        INFO,
        /** Something is wrong, or soon will be. */
        WARNING,
        /** Tasks do not run, or can be lost, right now. */
        CRITICAL;

        private final String wireName = name().toLowerCase(Locale.ROOT);

        /**
         * @return the name for programs, such as {@code warning}
         */
        public String wireName() {
            return wireName;
        }
    }

    /** What a finding is about. */
    public enum Code {
        /** The server is too old, a Sentinel, a replica, or part of a cluster that the settings do not name. */
        SERVER_UNSUITABLE,
        /** Redis keeps no append-only file. */
        APPEND_ONLY_OFF,
        /** Redis throws keys away once its memory is full. */
        EVICTION_ON,
        /** Redis could not write its data to the disk the last time. */
        PERSISTENCE_FAILS,
        /** Redis' memory is nearly full. */
        MEMORY_LOW,
        /** This machine's clock and Redis' differ. */
        CLOCK_SKEW,
        /** Nearly as many clients are connected as may be. */
        CONNECTIONS_LOW,
        /** Redis has refused clients since it started, as too many were connected. */
        CONNECTIONS_REFUSED,
        /** Fewer replicas are connected than enqueueing waits for. */
        REPLICAS_MISSING,
        /** Of the replicas that enqueueing waits for, one is far behind. */
        REPLICAS_LAG,
        /** Scripts of the queue took long lately. */
        SLOW_SCRIPTS,
        /** Other commands took long lately, and all else waited meanwhile. */
        SLOW_COMMANDS,
        /** Something could not be looked at. */
        NOT_CHECKED,
        /** A key of the queue holds something of another type. */
        QUEUE_UNREADABLE,
        /** Tasks wait, and no worker of the queue lives. */
        NO_WORKERS,
        /** Workers are registered and silent. */
        WORKERS_SILENT,
        /** Workers were told to take nothing new, and were not told otherwise for long. */
        WORKERS_QUIET,
        /** Processing lists of workers that are not registered hold tasks. */
        ORPHANS,
        /** Scheduled tasks are past due. */
        OVERDUE,
        /** The oldest ready task has waited for long. */
        BACKLOG,
        /** Tasks wait for a worker that handles their type. */
        PARKED,
        /** Tasks wait for a trial, as they were with workers that died too often. */
        SUSPECTS,
        /** Many tasks have died lately. */
        DEAD_LETTERS,
        /** The queue is paused. */
        PAUSED,
        /** Schedules are set aside, as they cannot be fired. */
        CRONS_BROKEN;

        private final String wireName = name().toLowerCase(Locale.ROOT);

        /**
         * @return the name for programs, such as {@code append_only_off}
         */
        public String wireName() {
            return wireName;
        }
    }
}
