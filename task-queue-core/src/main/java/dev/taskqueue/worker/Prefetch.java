package dev.taskqueue.worker;

import java.time.Duration;

/**
 * Decides how many tasks may be claimed beyond the idle runners: as many as the runners get through in two milliseconds, so
 * that short tasks do not wait for the next round trip and slow ones are left to whoever is idle. Not thread-safe, but for
 * what it says.
 */
final class Prefetch {

    private static final double AHEAD_NANOS = Duration.ofMillis(2).toNanos();

    /** Beyond this a larger claim saves nothing any more: it was measured from 64 to 1,000. */
    private static final int MOST = 256;

    /** How much of the average one group of outcomes replaces. */
    private static final double WEIGHT = 0.2;

    private final int threads;
    /** Until it is known: as if every task were slow. */
    private double averageNanos = Double.MAX_VALUE;

    private volatile int allowance;

    Prefetch(int threads) {
        this.threads = threads;
    }

    /** Learns from a group of outcomes; to be called by one thread. */
    void learn(long totalNanos, int tasks) {
        if (tasks == 0) {
            return;
        }
        double latest = (double) totalNanos / tasks;
        averageNanos = averageNanos == Double.MAX_VALUE ? latest : averageNanos + WEIGHT * (latest - averageNanos);
        allowance = (int) Math.min(MOST, threads * AHEAD_NANOS / Math.max(averageNanos, 1));
    }

    /** Forgets what it knew: something claimed ahead has waited for long. */
    void backOff() {
        allowance = 0;
    }

    /** How many tasks may be claimed beyond the idle runners right now. May be called by any thread. */
    int allowance() {
        return allowance;
    }
}
