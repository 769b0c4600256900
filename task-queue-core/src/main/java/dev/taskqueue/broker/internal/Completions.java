package dev.taskqueue.broker.internal;

import dev.taskqueue.Enqueued;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Completes stages, and so runs what users have hung on them: on a thread of its own, so that no callback holds up the sender.
 * Where a callback does not return, another thread goes on with the rest, up to {@value #MAX_THREADS} of them.
 */
final class Completions {

    private static final int MAX_THREADS = 16;
    private static final long STUCK_NANOS = 50_000_000;
    private static final long KEEP_ALIVE_SECONDS = 10;

    private final Queue<Completion> waiting = new ConcurrentLinkedQueue<>();
    private final ThreadPoolExecutor threads;
    /** How many were ever added; written by the sender alone. */
    private volatile long added;

    private final AtomicLong taken = new AtomicLong();
    /** How many threads are at it; guarded by this. */
    private int running;

    /** What {@link #rescue} saw, and since when it has seen nothing else. */
    private long seenTaken;

    private long seenSinceNanos;

    private record Completion(
            CompletableFuture<Enqueued> stage,
            @Nullable Enqueued result,
            @Nullable Throwable failure) {

        void run() {
            if (failure == null) {
                stage.complete(result);
            } else {
                stage.completeExceptionally(failure);
            }
        }
    }

    /** A thread of this class, so that a callback can be told from any other caller. */
    private static final class CallbackThread extends Thread {

        private final Completions owner;

        CallbackThread(Completions owner, Runnable work, String name) {
            // What the caller that happens to start it has inheritable is not for the callbacks of others.
            super(null, work, name, 0, false);
            this.owner = owner;
            setContextClassLoader(Completions.class.getClassLoader());
            setDaemon(true);
        }
    }

    /**
     * @param name of the threads
     */
    Completions(String name) {
        threads = new ThreadPoolExecutor(
                1,
                MAX_THREADS,
                KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                work -> new CallbackThread(this, work, name));
        threads.allowCoreThreadTimeOut(true);
    }

    /** Whether the caller is a callback. */
    boolean isCallback() {
        return Thread.currentThread() instanceof CallbackThread thread && thread.owner == this;
    }

    /** To be called by the sender, as all that adds. */
    void add(CompletableFuture<Enqueued> stage, Enqueued result) {
        add(new Completion(stage, result, null));
    }

    void fail(CompletableFuture<Enqueued> stage, Throwable failure) {
        add(new Completion(stage, null, failure));
    }

    private void add(Completion completion) {
        if (waiting.isEmpty()) {
            seenSinceNanos = System.nanoTime();
        }
        waiting.add(completion);
        added++;
    }

    /** Has what was added completed. */
    void start() {
        try {
            threads.execute(this::completeAll);
        } catch (OutOfMemoryError e) {
            // No room for a thread. What was added is there, and the next look tries again.
            seenSinceNanos = System.nanoTime();
        }
    }

    /** How many wait to be completed. */
    long count() {
        return added - taken.get();
    }

    private void completeAll() {
        synchronized (this) {
            running++;
        }
        try {
            for (Completion next = waiting.poll(); next != null; next = waiting.poll()) {
                taken.incrementAndGet();
                complete(next);
            }
        } finally {
            synchronized (this) {
                running--;
                notifyAll();
            }
        }
    }

    private static void complete(Completion next) {
        boolean done = false;
        while (!done) {
            try {
                next.run();
                done = true;
            } catch (Error e) {
                // Not a callback's, those are caught: the heap had no room for the result, and may have some next time.
                done = next.stage().isDone();
            }
        }
        // What a callback leaves behind is not for the next one.
        Thread.interrupted();
    }

    /**
     * Has another thread go on, where none has got on for a while. To be called by the sender now and then.
     *
     * @return whether any wait, so that it is to be called again in {@link #lookAgainNanos}
     */
    boolean rescue() {
        boolean none = waiting.isEmpty();
        long now = System.nanoTime();
        if (none || taken.get() != seenTaken) {
            seenTaken = taken.get();
            seenSinceNanos = now;
            if (none && threads.getCorePoolSize() > 1 && threads.getActiveCount() == 0) {
                threads.setCorePoolSize(1);
            }
        } else if (now - seenSinceNanos >= STUCK_NANOS) {
            seenSinceNanos = now;
            int limit = threads.getCorePoolSize();
            if (limit < MAX_THREADS || threads.getPoolSize() < limit) {
                threads.setCorePoolSize(Math.min(limit + 1, MAX_THREADS));
                start();
            }
        }
        return !none;
    }

    long lookAgainNanos() {
        return STUCK_NANOS / 2;
    }

    /**
     * Waits until all are completed, and what users have hung on them has run.
     *
     * @param nanos how long at most
     * @throws InterruptedException if the thread is interrupted
     */
    synchronized void awaitNone(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        long left = nanos;
        while ((running > 0 || !waiting.isEmpty()) && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = until - System.nanoTime();
        }
    }

    /** Lets the threads end once all are completed. */
    void close() {
        threads.shutdown();
    }
}
