package dev.taskqueue.dashboard;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all viewers are shown alike: asked for once a second at most, by whoever comes first; the others wait for that. A failure
 * is shared too, so that an outage costs one attempt a second. Nothing is asked while nobody looks. Thread-safe.
 *
 * @param <T> what it is
 */
final class Shared<T> {

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Supplier<T> source;
    private final LongSupplier nanoTime;
    private @Nullable T value;
    private @Nullable RuntimeException failure;
    private long readNanos;

    Shared(Supplier<T> source, LongSupplier nanoTime) {
        this.source = source;
        this.nanoTime = nanoTime;
    }

    T get() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (value == null && failure == null || nanoTime.getAsLong() - readNanos >= FRESH_NANOS) {
                read();
            }
            if (failure != null) {
                throw failure;
            }
            return value;
        } finally {
            lock.unlock();
        }
    }

    private void read() {
        value = null;
        failure = null;
        try {
            value = source.get();
        } catch (RuntimeException e) {
            failure = e;
        }
        readNanos = nanoTime.getAsLong();
    }
}
