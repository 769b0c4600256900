package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Duration;

/** Has the schedules of a queue fired, in the turns of its promoter, which tell when one is due. */
final class CronFiring {

    /** What is due and waits, for the task before or for a lane, is looked at no more often. */
    private static final long REST_NANOS = Duration.ofSeconds(1).toNanos();

    private final BrokerSession session;
    private boolean resting;
    private long restsUntilNanos;

    CronFiring(BrokerSession session) {
        this.session = session;
    }

    /**
     * Fires what is due, after tasks have been promoted.
     *
     * @param wait in how long the promoter looks again
     * @return the same, or less
     */
    Duration fireWithin(Duration wait) {
        Duration due = session.cronWait().orElse(wait);
        if (!due.isZero()) {
            return min(wait, due);
        }
        long now = System.nanoTime();
        if (resting && now - restsUntilNanos < 0) {
            return min(wait, Duration.ofNanos(restsUntilNanos - now));
        }
        resting = !session.fireCrons();
        restsUntilNanos = System.nanoTime() + REST_NANOS;
        return resting ? wait : Duration.ZERO;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
