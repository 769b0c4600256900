package dev.taskqueue.worker;

import dev.taskqueue.broker.Claim;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The claims of one worker that are not settled yet. Whatever else lies in its processing list, no thread holds. */
final class UnsettledClaims {

    private final Set<Claim> claims = ConcurrentHashMap.newKeySet();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong added = new AtomicLong();
    private volatile Thread waiting;

    void add(Claim claim) {
        size.incrementAndGet();
        try {
            claims.add(claim);
        } catch (Throwable t) {
            // No memory, and perhaps it is in already.
            remove(claim);
            throw t;
        }
        added.incrementAndGet();
    }

    void remove(Claim claim) {
        claims.remove(claim);
        size.decrementAndGet();
    }

    void removeAll(List<Claim> settled) {
        int removed = 0;
        for (Claim claim : settled) {
            removed += claims.remove(claim) ? 1 : 0;
        }
        size.addAndGet(-removed);
        LockSupport.unpark(waiting);
    }

    /**
     * Waits until there are fewer than so many; to be called by one thread.
     *
     * @return whether there are
     */
    boolean awaitFewerThan(int limit, Duration patience) {
        if (size.get() < limit) {
            return true;
        }
        waiting = Thread.currentThread();
        long deadline = System.nanoTime() + patience.toNanos();
        while (size.get() >= limit && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(this, deadline - System.nanoTime());
        }
        waiting = null;
        return size.get() < limit;
    }

    List<Claim> snapshot() {
        return List.copyOf(claims);
    }

    /** How many claims there ever were. */
    long everAdded() {
        return added.get();
    }
}
