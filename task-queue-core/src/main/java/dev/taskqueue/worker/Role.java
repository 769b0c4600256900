package dev.taskqueue.worker;

import dev.taskqueue.BrokerUnavailableException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A background duty of the worker with a thread of its own: it takes one turn after another, and between them waits as
 * long as the turn asked for. Without Redis it waits longer each time, with jitter, and goes on by itself.
 */
abstract class Role {

    private static final Logger LOG = LoggerFactory.getLogger(Role.class);
    private static final long FIRST_BACKOFF_MILLIS = 100;
    private static final long LONGEST_BACKOFF_MILLIS = 5_000;
    private static final long LONGEST_PAUSE_NANOS = Duration.ofHours(1).toNanos();

    private final String name;
    private final Outage outage;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private long wakeAtNanos;
    private volatile boolean stopping;
    private int failures;

    Role(String name, String worker, Outage outage) {
        this.name = name;
        this.outage = outage;
        thread = new Thread(this::work, "task-queue-" + name + "-" + worker);
        thread.setDaemon(true);
    }

    final void keepJvmAlive() {
        thread.setDaemon(false);
    }

    /**
     * Does what there is to do.
     *
     * @return how long to wait before the next turn
     * @throws BrokerUnavailableException to be called again once Redis may be back
     */
    abstract Duration turn();

    /** Told after a turn that failed, before the wait. */
    void failed() {}

    final void start() {
        thread.start();
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
        boolean interrupted = false;
        long deadline = System.nanoTime() + patience.toNanos();
        while (thread.isAlive() && System.nanoTime() < deadline) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, deadline - System.nanoTime());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
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
            lock.lock();
            wakeAtNanos = System.nanoTime() + LONGEST_PAUSE_NANOS;
            lock.unlock();
            Duration pause = takeTurn();
            if (!pause.isZero() && !stopping) {
                pause(pause);
            }
        }
        outage.ends(name);
    }

    private Duration takeTurn() {
        try {
            Duration pause = turn();
            if (failures > 0) {
                failures = 0;
                outage.ends(name);
            }
            return pause;
        } catch (BrokerUnavailableException e) {
            outage.begins(name, e);
        } catch (RuntimeException | Error e) {
            // A fault of ours: to go on is better than a worker that has lost one of its duties in silence.
            LOG.atError().addKeyValue("role", name).setCause(e).log("unexpected failure; going on");
        }
        failures++;
        failed();
        long ceiling = Math.min(FIRST_BACKOFF_MILLIS << Math.min(failures - 1, 10), LONGEST_BACKOFF_MILLIS);
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
            LOG.atDebug().addKeyValue("role", name).log("interrupted");
        } finally {
            lock.unlock();
        }
    }
}
