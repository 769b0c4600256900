package dev.taskqueue.dashboard;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * For how long an answer is shown once it was read: some time, but no longer than until something is changed. Thread-safe.
 *
 * @param nanoTime tells the time, in nanoseconds
 * @param changed how often something was changed through this server
 * @param lasts for how long, if nothing is changed
 */
record Freshness(LongSupplier nanoTime, AtomicLong changed, Duration lasts) {

    /** A second, as the page asks each second. */
    static Freshness of(LongSupplier nanoTime) {
        return new Freshness(nanoTime, new AtomicLong(), Duration.ofSeconds(1));
    }

    /** The same clock and the same changes, for another time. */
    Freshness lasting(Duration other) {
        return new Freshness(nanoTime, changed, other);
    }

    /** To be called once something has been changed, or was tried. */
    void change() {
        changed.incrementAndGet();
    }

    long changes() {
        return changed.get();
    }

    long now() {
        return nanoTime.getAsLong();
    }

    boolean isOver(long readNanos, long readAtChange) {
        return now() - readNanos >= lasts.toNanos() || changes() != readAtChange;
    }
}
