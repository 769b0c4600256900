package dev.taskqueue.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Passes attempts from the fetcher to the runners, a whole claim under one lock. */
final class Handoff {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Queue<Attempt> waiting = new ArrayDeque<>();
    private boolean closed;

    void put(List<Attempt> attempts) {
        lock.lock();
        try {
            for (Attempt attempt : attempts) {
                waiting.add(attempt);
                arrived.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for an attempt; null once closed. */
    Attempt take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                arrived.awaitUninterruptibly();
            }
            return waiting.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes back what no runner has taken for so long. */
    List<Attempt> removeOlderThan(Duration limit) {
        lock.lock();
        try {
            List<Attempt> late = new ArrayList<>();
            while (!waiting.isEmpty() && waiting.peek().age().compareTo(limit) > 0) {
                late.add(waiting.poll());
            }
            return late;
        } finally {
            lock.unlock();
        }
    }

    /** Lets every runner go, and returns what none of them has started. */
    List<Attempt> close() {
        lock.lock();
        try {
            closed = true;
            arrived.signalAll();
            List<Attempt> unstarted = new ArrayList<>(waiting);
            waiting.clear();
            return unstarted;
        } finally {
            lock.unlock();
        }
    }
}
