package dev.taskqueue.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The worker's threads for handlers, as many as it was told, with what they take from and the slots that bound it: one pool
 * for all queues. A runner whose handler ignores its interrupt can be replaced, and one whose thread is dead is.
 * Thread-safe.
 */
final class RunnerPool {

    private final int size;
    private final ThreadFactory threads;
    private final RunQueue runQueue;
    private final Slots slots;
    private final List<Runner> runners = new CopyOnWriteArrayList<>();
    /** Runners that were replaced and whose handler has not returned. */
    private final List<Runner> replaced = new CopyOnWriteArrayList<>();
    /** Whether everything is held back for a trial. */
    private volatile boolean onTrial;

    /**
     * @param threads makes the threads
     */
    RunnerPool(int size, ThreadFactory threads) {
        this.size = size;
        this.threads = threads;
        runQueue = new RunQueue();
        slots = new Slots(size);
    }

    /** Platform threads, named after their worker. */
    static ThreadFactory platformThreads(String worker) {
        AtomicInteger made = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "task-queue-runner-" + made.incrementAndGet() + "-" + worker);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** What its runners take from. */
    RunQueue queue() {
        return runQueue;
    }

    /** What each claim needs one of, from any queue. */
    Slots slots() {
        return slots;
    }

    int size() {
        return size;
    }

    /**
     * Starts as many runners as are missing: all of them at first, later those whose attempt ended as replaced, or whose
     * thread died.
     */
    synchronized void fill() {
        if (runQueue.isClosed()) {
            return;
        }
        replaced.removeIf(runner -> !runner.thread().isAlive());
        runners.removeIf(runner -> !runner.thread().isAlive());
        for (Runner runner : runners) {
            Attempt attempt = runner.current();
            if (attempt != null && attempt.ended() == Attempt.End.REPLACED) {
                replaced.add(runner);
                runners.remove(runner);
            }
        }
        while (runners.size() < size) {
            Runner runner = new Runner(runQueue, threads);
            // Listed first: a thread that nobody knew of would be one too many.
            runners.add(runner);
            runner.start();
        }
    }

    List<Attempt> running() {
        List<Attempt> running = new ArrayList<>();
        for (Runner runner : runners) {
            Attempt attempt = runner.current();
            if (attempt != null) {
                running.add(attempt);
            }
        }
        return running;
    }

    /** What runs, with the attempts whose runners were replaced and whose handlers have not returned. */
    List<Attempt> withAbandoned() {
        List<Attempt> all = running();
        for (Runner runner : replaced) {
            Attempt attempt = runner.current();
            if (attempt != null && !all.contains(attempt)) {
                all.add(attempt);
            }
        }
        return all;
    }

    /** How many living runners have no handler running. */
    int idle() {
        int idle = 0;
        for (Runner runner : runners) {
            if (runner.current() == null && runner.thread().isAlive()) {
                idle++;
            }
        }
        return idle;
    }

    /** How many runners live, and are not held by a handler that was given up on. */
    int working() {
        int working = 0;
        for (Runner runner : runners) {
            Attempt attempt = runner.current();
            if (runner.thread().isAlive() && (attempt == null || !attempt.isGivenUp())) {
                working++;
            }
        }
        return working;
    }

    /** Told as the worker begins and ends to hold everything back for a trial, which takes it seconds at most. */
    void trial(boolean begins) {
        onTrial = begins;
    }

    /** Whether nothing but a task on trial is to be taken. */
    boolean isOnTrial() {
        return onTrial;
    }

    /** Whether one more runner may be replaced: there are never more handlers that were given up on than places. */
    boolean canReplace() {
        return replaced.stream().filter(runner -> runner.thread().isAlive()).count() < size;
    }

    /** Whether all runners have ended; once the run queue is closed, each does after what it runs. */
    boolean hasEnded() {
        return runners.stream().noneMatch(runner -> runner.thread().isAlive());
    }
}
