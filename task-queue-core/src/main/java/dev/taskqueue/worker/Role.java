package dev.taskqueue.worker;

import dev.taskqueue.BrokerUnavailableException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A background duty of the worker with a thread of its own: it takes one turn after another, and between them waits as
 * long as the turn asked for. After a failure it waits longer each time, with jitter, and goes on by itself. Nothing that a
 * turn throws ends the thread.
 */
abstract class Role {

    private static final long FIRST_BACKOFF_MILLIS = 100;
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);
    private static final long NO_MEMORY_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofHours(1).toNanos();

    private final String name;
    private final String threadName;
    private final RoleFailures roleFailures;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private volatile Thread thread;
    private volatile boolean stopping;
    /** When the turn that is under way began; meaningful while {@link #turning}. */
    private volatile long turnBeganNanos;

    private volatile boolean turning;
    private boolean keepsJvmAlive;
    private Role lookedAfter;
    private long wakeAtNanos;
    private int failures;

    Role(String name, String worker, RoleFailures roleFailures) {
        this.name = name;
        this.roleFailures = roleFailures;
        threadName = "task-queue-" + name + "-" + worker;
    }

    final void keepJvmAlive() {
        keepsJvmAlive = true;
    }

    /** Has this role replace the thread of another one should that die; to be called before the start. */
    final void lookAfter(Role other) {
        lookedAfter = other;
    }

    final String name() {
        return name;
    }

    /**
     * Does what there is to do.
     *
     * @return how long to wait before the next turn
     * @throws BrokerUnavailableException to be called again once Redis may be back
     */
    abstract Duration turn();

    /** How long to wait at most after turns that failed. */
    Duration longestBackoff() {
        return LONGEST_BACKOFF;
    }

    /** Told after a turn that failed, before the wait. */
    void failed() {}

    final synchronized void start() {
        Thread fresh = new Thread(this::work, threadName);
        fresh.setDaemon(!keepsJvmAlive);
        fresh.start();
        thread = fresh;
    }

    /** Starts the thread again if it has died, which should never be. */
    final synchronized void revive() {
        if (isDead()) {
            start();
        }
    }

    /** Whether its thread has ended and nobody asked it to. */
    final boolean isDead() {
        Thread current = thread;
        return current != null && !current.isAlive() && !stopping;
    }

    /** For how long the turn that is under way has been; zero between turns. */
    final Duration turnTime() {
        long began = turnBeganNanos;
        return turning ? Duration.ofNanos(System.nanoTime() - began) : Duration.ZERO;
    }

    /** Asks for the end; the turn that is under way is the last. */
    void stop() {
        stopping = true;
        wakeWithin(Duration.ZERO);
    }

    final boolean isStopping() {
        return stopping;
    }

    /** Waits until the thread has ended, or the patience has. */
    final boolean join(Duration patience) {
        Thread current = thread;
        if (current == null) {
            return true;
        }
        boolean interrupted = false;
        long deadline = System.nanoTime() + patience.toNanos();
        while (current.isAlive() && System.nanoTime() < deadline) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(current, deadline - System.nanoTime());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !current.isAlive();
    }

    /** Cuts the wait short, if it would last longer. */
    final void wakeWithin(Duration limit) {
        long at = System.nanoTime() + limit.toNanos();
        lock.lock();
        try {
            if (at - wakeAtNanos < 0) {
                wakeAtNanos = at;
                woken.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        while (!stopping) {
            if (!survives()) {
                pauseWithoutMemory();
            }
        }
        roleFailures.over(name);
    }

    /** Takes a step; false where even to report a failure, or to wait, failed for lack of memory. Never throws. */
    private boolean survives() {
        try {
            step();
            if (lookedAfter != null) {
                lookedAfter.revive();
            }
            return true;
        } catch (Throwable t) {
            return false;
        }
    }

    private static void pauseWithoutMemory() {
        try {
            Failures.pause(NO_MEMORY_PAUSE_NANOS);
        } catch (Throwable t) {
            // Then without a pause.
        }
    }

    private void step() {
        lock.lock();
        wakeAtNanos = System.nanoTime() + LONGEST_PAUSE_NANOS;
        lock.unlock();
        Duration pause = takeTurn();
        if (!pause.isZero() && !stopping) {
            pause(pause);
        }
    }

    private Duration takeTurn() {
        turnBeganNanos = System.nanoTime();
        turning = true;
        try {
            Duration pause = turn();
            if (failures > 0) {
                failures = 0;
                roleFailures.over(name);
            }
            return pause;
        } catch (Throwable t) {
            failures++;
            failed();
            roleFailures.add(name, t);
        } finally {
            turning = false;
        }
        long ceiling = Math.min(
                FIRST_BACKOFF_MILLIS << Math.min(failures - 1, 10),
                longestBackoff().toMillis());
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1));
    }

    private void pause(Duration duration) {
        // Asked for first, so that a call to wake that came during the turn counts too.
        wakeWithin(duration);
        lock.lock();
        try {
            long left = wakeAtNanos - System.nanoTime();
            while (left > 0 && !stopping) {
                woken.awaitNanos(left);
                left = wakeAtNanos - System.nanoTime();
            }
        } catch (InterruptedException e) {
            // Nobody but stop() ends a role; the next turn comes early, that is all.
        } finally {
            lock.unlock();
        }
    }
}
