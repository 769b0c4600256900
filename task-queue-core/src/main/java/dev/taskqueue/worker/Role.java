package dev.taskqueue.worker;

import dev.taskqueue.BrokerUnavailableException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A background duty of the worker: {@link RoleThreads} have it take one turn after another, and wait in between as long as
 * the turn asked for. After a failure the wait is longer each time, with jitter. Nothing that a turn throws ends the role.
 */
abstract class Role {

    private static final long FIRST_BACKOFF_MILLIS = 100;
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    private final String name;
    private final QueueFailures queueFailures;
    private volatile RoleThreads threads;
    private volatile boolean stopping;
    private volatile int failures;
    /** When the turn that is under way began; meaningful while {@link #turning}. */
    private volatile long turnBeganNanos;

    private volatile boolean turning;
    /** When to take the next turn, unless one is under way; guarded by the lock of the threads, as is {@link #ended}. */
    private long dueNanos = System.nanoTime();

    private boolean ended;

    Role(String name, QueueFailures queueFailures) {
        this.name = name;
        this.queueFailures = queueFailures;
    }

    final String name() {
        return name;
    }

    /** Its name, and that of its queue where there are several. */
    final String label() {
        return queueFailures.label(name);
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

    /** Whether what the turn that did not fail has begun is known to succeed; else an earlier failure is not over. */
    boolean hasSucceeded() {
        return true;
    }

    /** Told after a turn that failed, before the wait. */
    void failed() {}

    /** Whether no turn is needed any more once it was asked to stop. */
    boolean mayEnd() {
        return true;
    }

    /** For how long the turn that is under way has been; zero between turns. */
    final Duration turnTime() {
        long began = turnBeganNanos;
        return turning ? Duration.ofNanos(System.nanoTime() - began) : Duration.ZERO;
    }

    /** Whether its next turn may hang: its latest one failed, or Redis does not answer to its queue. */
    final boolean isFailing() {
        return failures > 0 || queueFailures.isAway();
    }

    /** Asks for the end; the turn that is under way is the last. */
    void stop() {
        stopping = true;
        wakeWithin(Duration.ZERO);
    }

    final boolean isStopping() {
        return stopping;
    }

    /** Waits until it has taken its last turn, or the patience has ended. */
    final boolean join(Duration patience) {
        RoleThreads current = threads;
        return current == null || current.awaitEnd(this, patience);
    }

    /** Cuts the wait short, if it would last longer. */
    final void wakeWithin(Duration limit) {
        RoleThreads current = threads;
        if (current != null) {
            current.wake(this, System.nanoTime() + limit.toNanos());
        }
    }

    /** To be called by its threads, before they start. */
    final void isTakenBy(RoleThreads own) {
        threads = own;
    }

    /** Takes a turn; returns how long to wait before the next. Whatever the turn throws is reported. */
    final Duration takeTurn() {
        turnBeganNanos = System.nanoTime();
        turning = true;
        try {
            Duration pause = turn();
            if (failures > 0 && hasSucceeded()) {
                failures = 0;
                queueFailures.over(name);
            }
            return pause;
        } catch (Throwable t) {
            failures++;
            failed();
            queueFailures.add(name, t);
        } finally {
            turning = false;
        }
        long ceiling = Math.min(
                FIRST_BACKOFF_MILLIS << Math.min(failures - 1, 10),
                longestBackoff().toMillis());
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1));
    }

    final long dueNanos() {
        return dueNanos;
    }

    final void setDue(long nanos) {
        dueNanos = nanos;
    }

    final boolean hasEnded() {
        return ended;
    }

    final void end() {
        ended = true;
        queueFailures.over(name);
    }
}
