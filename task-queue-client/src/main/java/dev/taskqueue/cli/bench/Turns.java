package dev.taskqueue.cli.bench;

import java.util.concurrent.locks.LockSupport;

/** Measures several ways of doing the same in turns, with a pause before each: how fast a round trip is drifts. */
final class Turns {

    private static final long BETWEEN_SAMPLES_NANOS = 2_000_000;

    /** Takes one sample, in ns. */
    interface Way {

        long sample() throws InterruptedException;
    }

    private Turns() {}

    /**
     * @param turn how many samples each way takes in a row
     * @param samples how many each takes in all
     * @return the samples of each way, in ns
     */
    static long[][] sample(int turn, int samples, Way... ways) throws InterruptedException {
        long[][] nanos = new long[ways.length][samples];
        for (int from = 0; from < samples; from += turn) {
            for (int way = 0; way < ways.length; way++) {
                for (int i = from; i < Math.min(from + turn, samples); i++) {
                    LockSupport.parkNanos(BETWEEN_SAMPLES_NANOS);
                    nanos[way][i] = ways[way].sample();
                }
            }
        }
        return nanos;
    }
}
