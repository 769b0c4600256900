package dev.taskqueue;

import dev.taskqueue.internal.TaskLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says that of all tasks with the same key in a queue one at a time may be unfinished, and what becomes of the others. The
 * key is held from the enqueue on, through delays, retries and killed workers. Immutable; every method returns a copy.
 *
 * @param key what those tasks share, 1 to 256 characters
 * @param until until when the key is held
 * @param orElse what becomes of a task while another holds its key
 * @param ttl for how long the key stays held beyond what the task is known to need (its delay and one attempt), should it get
 *     lost, 1 s to 365 days; null for 30 days. That is only a net: each attempt and each retry begins it anew
 * @param freed whether the key was given up as the task began; set by workers alone
 */
public record Unique(
        String key, Until until, OrElse orElse, @Nullable Duration ttl, boolean freed) {

    /** Until when a task holds its key. */
    public enum Until {
        /** Until it begins to run for the first time. */
        START,
        /** Until it has ended for good: succeeded, dead, expired or not run. */
        END
    }

    /** What becomes of a task while another one holds its key. */
    public enum OrElse {
        /** It is not accepted. */
        REJECT,
        /** Its content takes the place of the holder's, where the holder has not begun; else it is not accepted. */
        REPLACE,
        /**
         * It waits, and is enqueued as the holder ends. One at most does: while one waits, the content of a further one takes
         * its place.
         */
        RUN_AFTER
    }

    /**
     * Checks every field.
     *
     * @throws InvalidTaskException if one is out of its range; the message names it
     */
    public Unique {
        TaskLimits.checkName("unique.key", key, TaskLimits.UNIQUE_KEY_LENGTH);
        TaskLimits.checkPresent("unique.until", until);
        TaskLimits.checkPresent("unique.or_else", orElse);
        if (ttl != null) {
            TaskLimits.checkRange(
                    "unique.ttl_ms",
                    TaskLimits.millis(ttl),
                    TaskLimits.MIN_UNIQUE_TTL_MILLIS,
                    TaskLimits.MAX_UNIQUE_TTL_MILLIS);
        }
    }

    /**
     * Held until the task ends; others are rejected meanwhile.
     *
     * @param key what the tasks share, 1 to 256 characters
     * @return that
     */
    public static Unique by(String key) {
        return new Unique(key, Until.END, OrElse.REJECT, null, false);
    }

    /**
     * @param when until when the key is held; without this, until the task ends
     * @return a copy with that
     */
    public Unique until(Until when) {
        return new Unique(key, when, orElse, ttl, freed);
    }

    /**
     * @param other what becomes of a task while another holds its key; without this, it is rejected
     * @return a copy with that
     */
    public Unique orElse(OrElse other) {
        return new Unique(key, until, other, ttl, freed);
    }

    /**
     * @param net for how long the key stays held beyond what the task is known to need, 1 s to 365 days; without this, 30 days
     * @return a copy with that
     */
    public Unique ttl(Duration net) {
        TaskLimits.checkPresent("unique.ttl_ms", net);
        return new Unique(key, until, orElse, net, freed);
    }
}
