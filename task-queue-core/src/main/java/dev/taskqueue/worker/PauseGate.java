package dev.taskqueue.worker;

import dev.taskqueue.QueuePause;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What each attempt of a queue passes on its way to its handler. Whoever sees that the queue is paused, or the worker quiet,
 * closes it; the fetcher alone opens it.
 * Closed with nobody inside, nothing more begins: each one that enters is either counted or sees that it is closed.
 * Thread-safe.
 */
final class PauseGate {

    /** Attempts that were let in and whose handler has not been called yet. */
    private final AtomicInteger inside = new AtomicInteger();

    private volatile boolean closed;
    private volatile Optional<QueuePause> pause = Optional.empty();
    private volatile Runnable onClose = () -> {};

    /** What to do once it is closed, by the thread that did so; to be called before anything starts. */
    void onClose(Runnable action) {
        onClose = action;
    }

    /** Lets an attempt in, which must {@link #leave}; false while it is closed. */
    boolean enter() {
        inside.incrementAndGet();
        if (closed) {
            inside.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Told that the handler of an attempt that entered is about to be called, or never will be. */
    void leave() {
        inside.decrementAndGet();
    }

    void close() {
        if (!closed) {
            closed = true;
            onClose.run();
        }
    }

    /** To be called by the fetcher alone. */
    void open() {
        pause = Optional.empty();
        closed = false;
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether no attempt is on its way to its handler. */
    boolean isEmpty() {
        return inside.get() == 0;
    }

    /** Told of the queue's pause; empty where it is closed as the worker is quiet. */
    void tell(Optional<QueuePause> why) {
        pause = why;
    }

    /** The queue's pause; empty while there is none, or nobody knows yet. */
    Optional<QueuePause> pause() {
        return pause;
    }
}
