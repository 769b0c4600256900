package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.Claim;
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
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong added = new AtomicLong();
    private volatile Thread waiting;

    void add(Claim claim) {
        size.incrementAndGet();
        bytes.addAndGet(claim.size());
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
        bytes.addAndGet(-claim.size());
    }

    void removeAll(List<Claim> settled) {
        int removed = 0;
        long removedBytes = 0;
        for (Claim claim : settled) {
            if (claims.remove(claim)) {
                removed++;
                removedBytes += claim.size();
            }
        }
        size.addAndGet(-removed);
        bytes.addAndGet(-removedBytes);
        LockSupport.unpark(waiting);
    }

    /**
     * Waits until there are fewer than so many, with fewer bytes; to be called by one thread.
     *
     * @return whether there are
     */
    boolean awaitFewerThan(int limit, long bytesLimit, Duration patience) {
        if (isBelow(limit, bytesLimit)) {
            return true;
        }
        waiting = Thread.currentThread();
        long deadline = System.nanoTime() + patience.toNanos();
        while (!isBelow(limit, bytesLimit) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(this, deadline - System.nanoTime());
        }
        waiting = null;
        return isBelow(limit, bytesLimit);
    }

    private boolean isBelow(int limit, long bytesLimit) {
        return size.get() < limit && bytes.get() < bytesLimit;
    }

    boolean contains(Claim claim) {
        return claims.contains(claim);
    }

    List<Claim> snapshot() {
        return List.copyOf(claims);
    }

    /** How many claims there ever were. */
    long everAdded() {
        return added.get();
    }
}
