package dev.taskqueue.worker;

import java.time.Duration;

/**
 * How long tasks took of late, and what follows from it: how many may be claimed beyond the idle runners, so that short
 * tasks do not wait for the next round trip and slow ones are left to whoever is idle; and how many runners are worth
 * waking. One thread learns; any may ask.
 */
final class Prefetch {

    /** How much work may be claimed ahead of the runners. */
    private static final double AHEAD_NANOS = Duration.ofMillis(2).toNanos();

    /** Beyond this a larger claim saves nothing any more: it was measured from 64 to 1,000. */
    static final int MOST_AHEAD = 256;

    /** To wake a thread takes longer than a short task: one is worth it for so much work. Measured from 1 to 500 µs. */
    private static final double WORTH_WAKING_NANOS = Duration.ofNanos(100_000).toNanos();

    /** How much of the average one group of outcomes replaces. */
    private static final double WEIGHT = 0.2;

    private final int threads;
    /** Until it is known: as if every task were slow. */
    private volatile double averageNanos = Double.MAX_VALUE;

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
        double average = averageNanos;
        average = average == Double.MAX_VALUE ? latest : average + WEIGHT * (latest - average);
        averageNanos = average;
        allowance = (int) Math.min(MOST_AHEAD, threads * AHEAD_NANOS / Math.max(average, 1));
    }

    /** Forgets what may be claimed ahead: something that was has waited for long. */
    void backOff() {
        allowance = 0;
    }

    /** How many tasks may be claimed beyond the idle runners right now. */
    int allowance() {
        return allowance;
    }

    /** How long a task takes; the largest number until it is known. */
    double averageNanos() {
        return averageNanos;
    }

    /** How many runners are worth waking for so many tasks: at least one. */
    int runnersFor(int waiting) {
        return (int) Math.min(waiting, 1 + waiting * averageNanos / WORTH_WAKING_NANOS);
    }
}
