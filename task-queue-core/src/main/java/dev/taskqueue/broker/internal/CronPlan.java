package dev.taskqueue.broker.internal;

import dev.taskqueue.Cron;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about a schedule that is due.
 *
 * @param fire the time that it fires for; empty if what was due is left out
 * @param next when it is due next; in the past where more is to be made up for
 */
record CronPlan(Optional<Instant> fire, Optional<Instant> next) {

    /** What is later than this is left out. */
    static final Duration LATEST = Duration.ofHours(24);

    /** For a schedule that is not to fire. */
    static final CronPlan NONE = new CronPlan(Optional.empty(), Optional.empty());

    /** Later than this, a fire was missed. */
    static final Duration PUNCTUAL = Duration.ofMinutes(1);

    /** Redis' largest exact whole number in a score. */
    private static final double LARGEST = 9007199254740991.0;

    /**
     * @param score when it was due, as it stands in Redis
     * @param now Redis' time
     */
    static CronPlan of(Cron cron, String score, Instant now) {
        Optional<Instant> due = time(score);
        if (due.isEmpty()) {
            return new CronPlan(Optional.empty(), cron.next(now));
        }
        Instant planned = due.get();
        Instant oldest = now.minus(LATEST);
        Optional<Instant> first = planned.isBefore(oldest) ? cron.next(oldest.minusNanos(1)) : Optional.of(planned);
        if (first.isEmpty() || first.get().isAfter(now)) {
            return new CronPlan(Optional.empty(), first);
        }
        if (cron.catchUp() == Cron.CatchUp.ALL) {
            return new CronPlan(first, cron.next(first.get()));
        }
        Instant latest = first.get();
        Optional<Instant> next = cron.next(latest);
        // A day's minutes at most.
        while (next.isPresent() && !next.get().isAfter(now)) {
            latest = next.get();
            next = cron.next(latest);
        }
        boolean missed = latest.isBefore(now.minus(PUNCTUAL));
        return new CronPlan(
                missed && cron.catchUp() == Cron.CatchUp.NONE ? Optional.empty() : Optional.of(latest), next);
    }

    /** The time that a score stands for, where anybody may write anything; null is no score. */
    static Optional<Instant> time(@Nullable String score) {
        double millis = score == null ? -1 : Double.parseDouble(score.replace("inf", "Infinity"));
        boolean valid = millis >= 0 && millis <= LARGEST && millis == Math.rint(millis);
        return valid ? Optional.of(Instant.ofEpochMilli((long) millis)) : Optional.empty();
    }
}
