package dev.taskqueue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.internal.Json;
import dev.taskqueue.internal.TaskLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A schedule: at which times which task is enqueued. Each fire is a task of its own, with the id {@code cron:<name>:<ms>},
 * which names the time that it was due. Immutable; every {@code with…} method returns a copy.
 *
 * @param name unique in its queue; 1 to 100 characters without white space
 * @param spec the times
 * @param zone whose clock the spec speaks of
 * @param type names the handler of the tasks, 1 to 128 characters
 * @param payload any JSON, the same for each task; it travels byte for byte
 * @param maxRetries how many more attempts follow a failed first one, 0 to 10,000; null for the default of the worker that
 *     fires
 * @param priority the lane of the tasks
 * @param timeout how long one attempt may take, 1 ms to 7 days; null for the worker's own limit
 * @param overlap what happens to a fire while the task of the one before has not ended
 * @param catchUp what happens to fires that nobody was there for
 */
public record Cron(
        String name,
        CronSpec spec,
        ZoneId zone,
        String type,
        RawJson payload,
        @Nullable Integer maxRetries,
        Priority priority,
        @Nullable Duration timeout,
        Overlap overlap,
        CatchUp catchUp) {

    /** How long the name of a schedule may be, in characters. */
    public static final int NAME_LENGTH = 100;

    /**
     * What happens to a fire while the task of the one before has not ended: while it waits, runs or is retried. It holds the
     * unique key {@code cron:<name>} until then (see {@link Unique}), so that any other task with that key counts as well.
     */
    public enum Overlap {
        /** The fire is left out. The default. */
        SKIP,
        /**
         * The fire waits until that task has ended. What else comes due meanwhile counts as missed: with {@link CatchUp#LATEST}
         * one fire waits at most, the latest.
         */
        QUEUE,
        /** The fire goes on all the same, and its task holds no key, so that no later fire waits for it either. */
        ALLOW;

        /**
         * @return the name in Redis and on command lines, such as {@code skip}
         */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * @param name a name as {@link #wireName()} gives it
         * @return the value of that name
         * @throws InvalidTaskException if there is none
         */
        public static Overlap ofWireName(String name) {
            for (Overlap value : values()) {
                if (value.wireName().equals(name)) {
                    return value;
                }
            }
            throw new InvalidTaskException(
                    "overlap is " + TaskLimits.quote(name) + "; allowed are \"skip\", \"queue\" and \"allow\"");
        }
    }

    /** What happens to fires that no worker was there for. A fire that is more than 24 hours late is left out in any case. */
    public enum CatchUp {
        /** The latest of them is made up for, once. The default. */
        LATEST,
        /** They are left out: whatever is more than a minute late. */
        NONE,
        /** Each is made up for, the oldest first. */
        ALL;

        /**
         * @return the name in Redis and on command lines, such as {@code latest}
         */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * @param name a name as {@link #wireName()} gives it
         * @return the value of that name
         * @throws InvalidTaskException if there is none
         */
        public static CatchUp ofWireName(String name) {
            for (CatchUp value : values()) {
                if (value.wireName().equals(name)) {
                    return value;
                }
            }
            throw new InvalidTaskException(
                    "catch_up is " + TaskLimits.quote(name) + "; allowed are \"latest\", \"none\" and \"all\"");
        }
    }

    /**
     * Checks every field.
     *
     * @throws InvalidTaskException if one is out of its range; the message names it
     */
    public Cron {
        TaskLimits.checkName("name", name, NAME_LENGTH);
        if (name.chars().anyMatch(Character::isWhitespace)) {
            throw new InvalidTaskException("name is " + TaskLimits.quote(name) + "; white space is not allowed");
        }
        TaskLimits.checkPresent("spec", spec);
        TaskLimits.checkPresent("zone", zone);
        TaskLimits.checkName("type", type, TaskLimits.TYPE_LENGTH);
        TaskLimits.checkPresent("payload", payload);
        TaskLimits.checkPresent("priority", priority);
        TaskLimits.checkPresent("overlap", overlap);
        TaskLimits.checkPresent("catch_up", catchUp);
        if (maxRetries != null) {
            TaskLimits.checkRange("max_retries", maxRetries, 0, TaskLimits.MAX_RETRIES);
        }
        if (timeout != null) {
            TaskLimits.checkRange("timeout_ms", TaskLimits.millis(timeout), 1, TaskLimits.MAX_TIMEOUT_MILLIS);
        }
        if (overlap == Overlap.QUEUE && catchUp == CatchUp.NONE) {
            throw new InvalidTaskException(
                    "overlap is \"queue\" and catch_up is \"none\"; a fire that waits is late, and"
                            + " \"none\" leaves out what is late: use \"latest\" or \"all\"");
        }
    }

    /**
     * Makes a schedule in UTC, with every other default.
     *
     * @param name unique in its queue; 1 to 100 characters without white space
     * @param spec as {@link CronSpec#parse} takes it
     * @param type names the handler
     * @param payload a {@link RawJson}, or anything Jackson can write, which is written here and now; null is JSON's null
     * @return the schedule
     * @throws InvalidTaskException if one of them is not allowed
     */
    public static Cron of(String name, String spec, String type, @Nullable Object payload) {
        return of(name, spec, type, payload, Json.mapper());
    }

    /**
     * Like {@link #of(String, String, String, Object)}, with a mapper of one's own.
     *
     * @param name unique in its queue; 1 to 100 characters without white space
     * @param spec as {@link CronSpec#parse} takes it
     * @param type names the handler
     * @param payload a {@link RawJson}, or anything that the mapper can write; null is JSON's null
     * @param mapper writes the payload, here and now
     * @return the schedule
     * @throws InvalidTaskException if one of them is not allowed
     */
    public static Cron of(String name, String spec, String type, @Nullable Object payload, ObjectMapper mapper) {
        return new Cron(
                name,
                CronSpec.parse(spec),
                ZoneId.of("UTC"),
                type,
                Task.of(type, payload, mapper).payload(),
                null,
                Priority.NORMAL,
                null,
                Overlap.SKIP,
                CatchUp.LATEST);
    }

    /**
     * @param after any time
     * @return when it fires next after that time; empty from the year 9500 on
     */
    public Optional<Instant> next(Instant after) {
        return spec.next(after, zone);
    }

    /**
     * @param clock whose clock the spec speaks of
     * @return a copy in that zone
     */
    public Cron withZone(ZoneId clock) {
        return new Cron(name, spec, clock, type, payload, maxRetries, priority, timeout, overlap, catchUp);
    }

    /**
     * @param retries how many more attempts follow a failed first one, 0 to 10,000
     * @return a copy with that many retries
     */
    public Cron withMaxRetries(int retries) {
        return new Cron(name, spec, zone, type, payload, retries, priority, timeout, overlap, catchUp);
    }

    /**
     * @param lane the lane of the tasks
     * @return a copy with that priority
     */
    public Cron withPriority(Priority lane) {
        return new Cron(name, spec, zone, type, payload, maxRetries, lane, timeout, overlap, catchUp);
    }

    /**
     * @param limit how long one attempt may take, 1 ms to 7 days
     * @return a copy with that limit
     */
    public Cron withTimeout(Duration limit) {
        TaskLimits.checkPresent("timeout_ms", limit);
        return new Cron(name, spec, zone, type, payload, maxRetries, priority, limit, overlap, catchUp);
    }

    /**
     * @param rule what happens to a fire while the task of the one before has not ended
     * @return a copy with that rule
     */
    public Cron withOverlap(Overlap rule) {
        return new Cron(name, spec, zone, type, payload, maxRetries, priority, timeout, rule, catchUp);
    }

    /**
     * @param rule what happens to fires that no worker was there for
     * @return a copy with that rule
     */
    public Cron withCatchUp(CatchUp rule) {
        return new Cron(name, spec, zone, type, payload, maxRetries, priority, timeout, overlap, rule);
    }
}
