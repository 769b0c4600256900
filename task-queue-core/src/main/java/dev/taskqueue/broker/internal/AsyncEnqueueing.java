package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Enqueued;
import dev.taskqueue.Task;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Enqueues tasks of many callers by group commit: whatever is added while one round trip is under way goes with the next. One
 * thread sends, and another one completes the stages; both are started by the first task. Thread-safe.
 *
 * <p>Besides {@link Completions} the only class of the broker that has a thread.
 */
public final class AsyncEnqueueing implements AutoCloseable {

    /** How many tasks may wait for their answers. */
    private static final int MAX_TASKS = 10_000;

    /** How large they may be together as JSON; one more task always fits while they are not. */
    private static final long MAX_BYTES = 8 << 20;

    /** What goes into one round trip, as {@link Enqueueing} divides it. */
    private static final int BATCH = 500;

    private static final long BATCH_BYTES = 4 << 20;

    private static final long PATIENCE_MILLIS = 30_000;
    private static final long FLUSH_MILLIS = 10_000;
    private static final long LAST_CALLBACKS_NANOS = 1_000_000_000L;

    private final String name;
    private final long longestCallNanos;
    private final long patienceNanos;
    private final long flushNanos;
    private final Completions completions;
    private final ReentrantLock lock = new ReentrantLock();
    /** For the sender: there is a task, or the end has come. */
    private final Condition work = lock.newCondition();

    private final Condition room = lock.newCondition();
    private final Condition allAnswered = lock.newCondition();
    private final Deque<AsyncTask> waiting = new ArrayDeque<>();
    /** Those that wait and those that are under way. */
    private int unanswered;

    private long unansweredBytes;
    private @Nullable Thread sender;
    private boolean closing;
    private long flushUntilNanos;

    /**
     * @param queue names its threads
     * @param longestCall how long one round trip takes at most
     */
    public AsyncEnqueueing(String queue, Duration longestCall) {
        this(queue, longestCall, Duration.ofMillis(PATIENCE_MILLIS), Duration.ofMillis(FLUSH_MILLIS));
    }

    /**
     * @param patience how long callers wait for room
     * @param flush for how long what waits is still sent once this is closed
     */
    AsyncEnqueueing(String queue, Duration longestCall, Duration patience, Duration flush) {
        patienceNanos = patience.toNanos();
        flushNanos = flush.toNanos();
        name = "task-queue-enqueue-" + queue;
        longestCallNanos = longestCall.toNanos();
        completions = new Completions("task-queue-enqueued-" + queue);
    }

    /**
     * Adds a task to those that are to be sent. Waits while there is no room; a callback does not, but has as much room again.
     *
     * @param queue where it goes
     * @param task the task
     * @return told what becomes of it
     * @throws dev.taskqueue.InvalidTaskException if it is too large
     * @throws BrokerClosedException if this was closed
     */
    public CompletionStage<Enqueued> add(BrokerEngine queue, Task task) {
        // Written here: the callers' threads are many, and the sender is one.
        AsyncTask added = new AsyncTask(queue, task, queue.format(task), new CompletableFuture<>());
        lock.lock();
        try {
            if (awaitRoom(added)) {
                startSender();
                unanswered++;
                unansweredBytes += added.text().length;
                waiting.add(added);
                work.signal();
            }
        } finally {
            lock.unlock();
        }
        return added.stage();
    }

    /** Returns whether there is room; else its stage is told. */
    private boolean awaitRoom(AsyncTask added) {
        int share = completions.isCallback() ? 2 : 1;
        long left = share == 1 ? patienceNanos : 0;
        try {
            checkOpen();
            while (unanswered >= share * MAX_TASKS || unansweredBytes >= share * MAX_BYTES) {
                if (left <= 0) {
                    refuse(added, unanswered + " tasks wait for Redis already", null);
                    return false;
                }
                left = room.awaitNanos(left);
                checkOpen();
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            refuse(added, "interrupted while waiting for room", e);
            return false;
        }
    }

    private void checkOpen() {
        if (closing) {
            throw new BrokerClosedException();
        }
    }

    private static void refuse(AsyncTask one, String why, @Nullable Throwable cause) {
        one.stage().completeExceptionally(refusal(one, why, cause));
    }

    private static BrokerUnavailableException refusal(AsyncTask one, String why, @Nullable Throwable cause) {
        return new BrokerUnavailableException("task " + one.task().id() + " was not enqueued: " + why, cause);
    }

    private void startSender() {
        if (sender == null) {
            // What the caller that happens to start it has inheritable is not for the tasks of others.
            Thread started = new Thread(null, this::run, name, 0, false);
            started.setDaemon(true);
            started.start();
            sender = started;
        }
    }

    private void run() {
        List<AsyncTask> batch = new ArrayList<>(BATCH);
        while (take(batch)) {
            int count = batch.size();
            long bytes = 0;
            for (AsyncTask one : batch) {
                bytes += one.text().length;
            }
            try {
                send(batch);
            } catch (RuntimeException | Error e) {
                giveUp(batch, e);
            }
            batch.clear();
            answered(count, bytes);
        }
        completions.close();
    }

    /** Waits for tasks. Returns whether there are any; else all is done. */
    private boolean take(List<AsyncTask> batch) {
        lock.lock();
        try {
            boolean watching = completions.rescue();
            while (waiting.isEmpty() || completions.count() > MAX_TASKS && !closing) {
                if (closing && !watching) {
                    return false;
                }
                awaitWork(watching);
                watching = completions.rescue();
            }
            for (long bytes = 0; !waiting.isEmpty() && batch.size() < BATCH && bytes < BATCH_BYTES; ) {
                AsyncTask next = waiting.remove();
                bytes += next.text().length;
                batch.add(next);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void awaitWork(boolean watching) {
        try {
            if (watching) {
                work.awaitNanos(completions.lookAgainNanos());
            } else {
                work.await();
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to: only close ends this thread.
        }
    }

    private void send(List<AsyncTask> batch) {
        if (isTooLate()) {
            batch.forEach(one ->
                    completions.fail(one.stage(), refusal(one, "the broker was closed before it was sent", null)));
            completions.start();
            return;
        }
        Map<String, List<AsyncTask>> groups = new LinkedHashMap<>();
        for (AsyncTask one : batch) {
            groups.computeIfAbsent(one.queue().queue(), queue -> new ArrayList<>())
                    .add(one);
        }
        for (List<AsyncTask> group : groups.values()) {
            new GroupEnqueue(group.get(0).queue(), completions).send(group);
            completions.start();
        }
    }

    private boolean isTooLate() {
        lock.lock();
        try {
            return closing && System.nanoTime() - flushUntilNanos >= 0;
        } finally {
            lock.unlock();
        }
    }

    /** Where the heap was full, at whatever point: those that were told already stay so. */
    private void giveUp(List<AsyncTask> batch, Throwable failure) {
        while (!batch.isEmpty()) {
            int last = batch.size() - 1;
            try {
                completions.fail(batch.get(last).stage(), GroupEnqueue.doubt(batch.get(last), failure));
                batch.remove(last);
            } catch (OutOfMemoryError e) {
                Thread.yield();
            }
        }
        completions.start();
    }

    private void answered(int count, long bytes) {
        lock.lock();
        try {
            unanswered -= count;
            unansweredBytes -= bytes;
            room.signalAll();
            if (unanswered == 0) {
                allAnswered.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes nothing more, and sends what waits, for 10 s at most: what is left then is told that it was not sent. Returns once all
     * is answered and completed; a stage whose callbacks do not return is not waited for any longer than that. Called by a callback,
     * it waits for the answers alone. If interrupted, it waits no longer, and what is not on its way is not sent.
     */
    @Override
    public void close() {
        long until = System.nanoTime() + flushNanos;
        try {
            awaitAnswers(until);
            if (!completions.isCallback()) {
                completions.awaitNone(Math.max(until - System.nanoTime(), LAST_CALLBACKS_NANOS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitAnswers(long until) throws InterruptedException {
        lock.lock();
        try {
            flushUntilNanos = closing ? flushUntilNanos : until;
            closing = true;
            room.signalAll();
            work.signal();
            long left = flushNanos + longestCallNanos;
            while (unanswered > 0 && left > 0) {
                left = allAnswered.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            flushUntilNanos = System.nanoTime();
            throw e;
        } finally {
            lock.unlock();
        }
    }
}
