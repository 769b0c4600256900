package dev.taskqueue.dashboard;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Slows whoever guesses tokens: after a few wrong ones of an address, or many of all together, each further wrong one is
 * answered late. A right one never is. Thread-safe.
 */
final class WrongTries {

    static final int MAX_ADDRESSES = 1_000;

    private static final int FREE_OF_ONE = 3;
    private static final int FREE_OF_ALL = 50;
    private static final long LONGEST_MILLIS = 2_000;
    private static final long FORGOTTEN_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final String ALL = "";

    /** How a thread waits. */
    interface Pause {

        void sleep(long millis) throws InterruptedException;
    }

    private record Tries(int count, long lastNanos) {}

    private final LongSupplier nanoTime;
    private final Pause pause;
    private final Map<String, Tries> tries = new LinkedHashMap<>(16, 0.75f, true);

    /** Each holds a thread. Whoever would be one more is sent away at once, and is told to come later. */
    private final Semaphore waiting = new Semaphore(16);

    WrongTries(LongSupplier nanoTime, Pause pause) {
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /**
     * Counts a wrong token, and waits where there were too many.
     *
     * @throws Problem if too many wait already
     */
    void add(InetAddress address) throws InterruptedException {
        long millis = Math.max(delay(key(address), FREE_OF_ONE), delay(ALL, FREE_OF_ALL));
        if (millis == 0) {
            return;
        }
        if (!waiting.tryAcquire()) {
            throw Problem.of(429, "too-many-tries", "Too many wrong tokens", "too many wrong tokens were shown")
                    .with("Retry-After", Long.toString(LONGEST_MILLIS / 1_000));
        }
        try {
            pause.sleep(millis);
        } finally {
            waiting.release();
        }
    }

    private synchronized long delay(String key, int free) {
        long now = nanoTime.getAsLong();
        Tries before = tries.get(key);
        int count = before == null || now - before.lastNanos() > FORGOTTEN_NANOS ? 1 : before.count() + 1;
        tries.put(key, new Tries(Math.min(count, 1_000), now));
        if (tries.size() > MAX_ADDRESSES) {
            // The one that was silent longest.
            tries.remove(tries.keySet().iterator().next());
        }
        return count <= free ? 0 : Math.min(LONGEST_MILLIS, 100L << Math.min(10, count - free - 1));
    }

    synchronized int addresses() {
        return tries.size();
    }

    /** One household has 2^64 addresses of the sixth version. */
    private static String key(InetAddress address) {
        byte[] bytes = address.getAddress();
        return HexFormat.of().formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
    }
}
