package dev.taskqueue.dashboard;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all viewers are shown alike: asked for once in a while at most, a second as a rule, by whoever comes first; the others wait for that. A failure
 * is shared too, so that an outage costs one attempt in that time. Nothing is asked while nobody looks. Thread-safe.
 *
 * @param <T> what it is
 */
final class Shared<T> {

    private final ReentrantLock lock = new ReentrantLock();
    private final Supplier<T> source;
    private final LongSupplier nanoTime;
    private final long freshNanos;
    private @Nullable T value;
    private @Nullable RuntimeException failure;
    private long readNanos;

    Shared(Supplier<T> source, LongSupplier nanoTime) {
        this(source, nanoTime, Duration.ofSeconds(1));
    }

    /**
     * @param fresh for how long it is shown once it was read
     */
    Shared(Supplier<T> source, LongSupplier nanoTime, Duration fresh) {
        this.source = source;
        this.nanoTime = nanoTime;
        this.freshNanos = fresh.toNanos();
    }

    T get() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (value == null && failure == null || nanoTime.getAsLong() - readNanos >= freshNanos) {
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
