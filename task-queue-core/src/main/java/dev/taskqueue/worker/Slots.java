package dev.taskqueue.worker;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How many claims a worker may have in hand that are not finished: one slot for each runner, and some more to claim ahead
 * of short tasks. A claim holds one slot from before it is claimed until its attempt has ended; whoever holds the claim
 * frees it, once.
 *
 * <p>Invariant, at every instant: {@code free + taken - overdrawn = size}, and only one of free and overdrawn is not zero.
 * Overdrawn is what was taken regardless of the size, or left over as the size shrank: until it is given back, nothing is
 * free. Both numbers lie in one word, so that no reader ever sees them apart. Thread-safe; one thread takes.
 */
final class Slots {

    private static final long TAKEN_MASK = 0xffff_ffffL;

    /** The size in the upper half, what is taken in the lower one. */
    private final AtomicLong state;

    private volatile Thread taker;

    Slots(int size) {
        state = new AtomicLong((long) size << 32);
    }

    /** Takes all that are free; waits for one where none is. Returns zero once patience has run out. */
    int takeAll(Duration patience) throws InterruptedException {
        int taken = tryTakeAll();
        if (taken > 0 || patience.isZero()) {
            return taken;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        taker = Thread.currentThread();
        try {
            for (long left = patience.toNanos(); left > 0; left = deadline - System.nanoTime()) {
                taken = tryTakeAll();
                if (taken > 0) {
                    return taken;
                }
                LockSupport.parkNanos(this, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            taker = null;
        }
        return tryTakeAll();
    }

    private int tryTakeAll() {
        while (true) {
            long now = state.get();
            int free = free(now);
            if (free == 0 || state.compareAndSet(now, now + free)) {
                return free;
            }
        }
    }

    /** Takes as many as are free, at most so many; does not wait. */
    int takeUpTo(int most) {
        while (true) {
            long now = state.get();
            int taken = Math.min(most, free(now));
            if (taken == 0 || state.compareAndSet(now, now + taken)) {
                return taken;
            }
        }
    }

    /** Takes slots whether they are free or not: for tasks that are this worker's already. */
    void takeRegardless(int count) {
        state.addAndGet(count);
    }

    /**
     * @throws IllegalStateException if more are freed than were taken: somebody has freed a slot twice
     */
    void free(int count) {
        while (true) {
            long now = state.get();
            if (count > taken(now)) {
                throw new IllegalStateException("freed " + count + " slots of " + taken(now) + " taken");
            }
            if (state.compareAndSet(now, now - count)) {
                break;
            }
        }
        if (count > 0 && taker != null) {
            LockSupport.unpark(taker);
        }
    }

    /** Changes the size; to be called by the thread that takes. */
    void resize(int size) {
        state.updateAndGet(now -> (long) size << 32 | now & TAKEN_MASK);
    }

    int free() {
        return free(state.get());
    }

    int taken() {
        return taken(state.get());
    }

    int overdrawn() {
        long now = state.get();
        return Math.max(0, taken(now) - size(now));
    }

    int size() {
        return size(state.get());
    }

    private static int free(long state) {
        return Math.max(0, size(state) - taken(state));
    }

    private static int taken(long state) {
        return (int) (state & TAKEN_MASK);
    }

    private static int size(long state) {
        return (int) (state >>> 32);
    }
}
