package dev.taskqueue.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passes attempts from the fetcher to the runners, a whole claim under one lock. It wakes as many runners as the work is
 * worth: to wake one for each short task took almost half of the worker's time.
 */
final class RunQueue {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<Attempt> waiting = new ArrayDeque<>();
    private final Deque<IdleWait> idleWaits = new ArrayDeque<>();
    private volatile boolean closed;

    /**
     * Takes over all attempts, or none where there is no memory for them.
     *
     * @param prefetch what is known of tasks like these
     */
    void put(List<Attempt> attempts, Prefetch prefetch) {
        lock.lock();
        try {
            int before = waiting.size();
            try {
                waiting.addAll(attempts);
            } catch (Throwable t) {
                while (waiting.size() > before) {
                    waiting.pollLast();
                }
                throw t;
            }
            wake(prefetch.runnersFor(waiting.size()));
        } finally {
            lock.unlock();
        }
    }

    /** Wakes a runner for each attempt that waits: those that were woken turned out to have slow tasks. */
    void hurry() {
        lock.lock();
        try {
            wake(waiting.size());
        } finally {
            lock.unlock();
        }
    }

    private void wake(int runners) {
        for (int i = 0; i < runners; i++) {
            arrived.signal();
        }
    }

    /** Has one of the runners that have nothing to run wait for the next task of a queue. */
    void put(IdleWait wait) {
        lock.lock();
        try {
            if (closed) {
                wait.cancel();
            } else {
                idleWaits.add(wait);
                // Nothing more is on its way: what still waits is not for those that are at work.
                wake(waiting.size() + 1);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for something to do; null once closed. An attempt has entered the gate of its queue. */
    Work take() {
        lock.lock();
        try {
            Attempt next = pollOpen();
            while (next == null && idleWaits.isEmpty() && !closed) {
                arrived.awaitUninterruptibly();
                next = pollOpen();
            }
            return next == null ? idleWaits.poll() : next;
        } finally {
            lock.unlock();
        }
    }

    /** The first whose queue is not paused; without pauses, the first. What cannot begin waits here until it is removed. */
    private @Nullable Attempt pollOpen() {
        Attempt first = waiting.peek();
        if (first == null || first.servedQueue().gate().enter()) {
            return waiting.poll();
        }
        Iterator<Attempt> all = waiting.iterator();
        while (all.hasNext()) {
            Attempt attempt = all.next();
            if (attempt.servedQueue().gate().enter()) {
                all.remove();
                return attempt;
            }
        }
        return null;
    }

    /** Moves what no runner has taken of a queue to a list, oldest first; nothing where there is no memory for it. */
    void moveTo(ArrayList<Attempt> list, ServedQueue queue) {
        lock.lock();
        try {
            list.ensureCapacity(list.size() + waiting.size());
            waiting.removeIf(attempt -> attempt.servedQueue() == queue && list.add(attempt));
        } finally {
            lock.unlock();
        }
    }

    /** Ends the waits for a queue that no runner has begun. */
    void cancelWaits(ServedQueue queue) {
        List<IdleWait> cancelled = new ArrayList<>();
        lock.lock();
        try {
            idleWaits.removeIf(wait -> wait.isFor(queue) && cancelled.add(wait));
        } finally {
            lock.unlock();
        }
        cancelled.forEach(IdleWait::cancel);
    }

    /**
     * Takes back what no runner has taken for so long, and all that waits behind it of the same queue, which would be run
     * before it otherwise.
     */
    List<Attempt> removeOlderThan(Duration limit) {
        lock.lock();
        try {
            ArrayList<Attempt> late = new ArrayList<>();
            while (!waiting.isEmpty() && waiting.peek().age().compareTo(limit) > 0) {
                moveTo(late, waiting.peek().servedQueue());
            }
            return late;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether no attempt waits. */
    boolean isEmpty() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Lets every runner go, and returns what none of them has started. */
    List<Attempt> close() {
        lock.lock();
        try {
            closed = true;
            idleWaits.forEach(IdleWait::cancel);
            idleWaits.clear();
            arrived.signalAll();
            List<Attempt> unstarted = new ArrayList<>(waiting);
            waiting.clear();
            return unstarted;
        } finally {
            lock.unlock();
        }
    }
}
