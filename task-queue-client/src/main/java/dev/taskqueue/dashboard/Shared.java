package dev.taskqueue.dashboard;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What all viewers are shown alike: asked for once in a while at most, a second as a rule, by whoever comes first; the others
 * wait for that. A failure is shared too, so that an outage costs one attempt in that time. What a viewer changes through this
 * server is asked for again at once. Nothing is asked while nobody looks. Thread-safe.
 *
 * @param <T> what it is
 */
final class Shared<T> {

    /** Asks for it. */
    @FunctionalInterface
    interface Source<T> {

        T read() throws InterruptedException, IOException;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Freshness freshness;
    private @Nullable T value;
    private @Nullable RuntimeException failure;
    private long readNanos;
    private long readAtChange;

    Shared(Freshness freshness) {
        this.freshness = freshness;
    }

    /**
     * @param source asks for it, if that is wanted
     */
    T get(Source<T> source) throws InterruptedException, IOException {
        lock.lockInterruptibly();
        try {
            if (value == null && failure == null || freshness.isOver(readNanos, readAtChange)) {
                read(source);
            }
            if (failure != null) {
                throw failure;
            }
            return value;
        } finally {
            lock.unlock();
        }
    }

    private void read(Source<T> source) throws InterruptedException, IOException {
        value = null;
        failure = null;
        // What is changed from now on, the answer may not show.
        readAtChange = freshness.changes();
        try {
            value = source.read();
        } catch (RuntimeException e) {
            failure = e;
        }
        readNanos = freshness.now();
    }
}
