package dev.taskqueue.worker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that take the turns of one kind of role: one thread for a worker of one queue, two for one of several, however
 * many they are. The second is for roles that fail, whose next turn may hang, and helps out while the first hangs, so that a
 * queue whose Redis is away holds up no other. Thread-safe.
 */
final class RoleThreads {

    private static final long LONGEST_PAUSE_NANOS = Duration.ofHours(1).toNanos();
    private static final long NO_MEMORY_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    /** So late, a role that does not fail is no longer left to the first thread, which must hang. */
    private static final long OVERDUE_NANOS = Duration.ofMillis(100).toNanos();

    /** How often the second thread looks whether the first hangs. */
    private static final long LOOK_NANOS = Duration.ofMillis(250).toNanos();

    private final String worker;
    private final List<Role> roles;
    private final Thread[] threads;
    private final ReentrantLock lock = new ReentrantLock();
    /** What each thread waits on. */
    private final Condition[] woken;

    private final Condition ended = lock.newCondition();
    /** Which roles take a turn right now, by their place in the list; guarded by the lock. */
    private final boolean[] busy;

    private boolean keepsJvmAlive;
    private RoleThreads lookedAfter;

    /**
     * @param roles of one kind, one for each queue
     */
    RoleThreads(String worker, List<? extends Role> roles) {
        this.worker = worker;
        this.roles = List.copyOf(roles);
        busy = new boolean[roles.size()];
        threads = new Thread[Math.min(2, roles.size())];
        woken = new Condition[threads.length];
        for (int i = 0; i < woken.length; i++) {
            woken[i] = lock.newCondition();
        }
        this.roles.forEach(role -> role.isTakenBy(this));
    }

    List<Role> roles() {
        return roles;
    }

    /** To be called before the start. */
    void keepJvmAlive() {
        keepsJvmAlive = true;
    }

    /** Has these threads replace others should they die; to be called before the start. */
    void lookAfter(RoleThreads others) {
        lookedAfter = others;
    }

    synchronized void start() {
        for (int i = 0; i < threads.length; i++) {
            start(i);
        }
    }

    private void start(int number) {
        String name = "task-queue-" + roles.get(0).name() + (number == 0 ? "-" : "-" + (number + 1) + "-") + worker;
        Thread fresh = new Thread(() -> work(number), name);
        fresh.setDaemon(!keepsJvmAlive);
        fresh.start();
        threads[number] = fresh;
    }

    /** Starts a thread again that has died, which should never be. */
    synchronized void revive() {
        for (int i = 0; i < threads.length; i++) {
            if (isDead(threads[i])) {
                start(i);
            }
        }
    }

    /** Whether one of the threads has ended and nobody asked it to. */
    synchronized boolean isDead() {
        for (Thread thread : threads) {
            if (isDead(thread)) {
                return true;
            }
        }
        return false;
    }

    private boolean isDead(Thread thread) {
        return thread != null && !thread.isAlive() && !roles.stream().allMatch(Role::isStopping);
    }

    void stop() {
        roles.forEach(Role::stop);
    }

    /** Waits until the threads have ended, or the patience has. */
    boolean join(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        boolean alive = false;
        for (Thread thread : snapshot()) {
            while (thread != null && thread.isAlive() && System.nanoTime() - deadline < 0) {
                try {
                    thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            alive |= thread != null && thread.isAlive();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !alive;
    }

    private synchronized Thread[] snapshot() {
        return threads.clone();
    }

    /** Waits until a role has taken its last turn; true at once where nothing was started. */
    boolean awaitEnd(Role role, Duration patience) {
        if (snapshot()[0] == null) {
            return true;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        lock.lock();
        try {
            long left = deadline - System.nanoTime();
            while (!role.hasEnded() && left > 0) {
                try {
                    ended.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                left = deadline - System.nanoTime();
            }
            return role.hasEnded();
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Has a role take its next turn no later than that. */
    void wake(Role role, long nanos) {
        lock.lock();
        try {
            if (nanos - role.dueNanos() < 0) {
                role.setDue(nanos);
                signal(role);
            }
        } finally {
            lock.unlock();
        }
    }

    private void signal(Role role) {
        woken[threads.length > 1 && role.isFailing() ? 1 : 0].signal();
    }

    private void work(int number) {
        boolean goesOn = true;
        while (goesOn) {
            try {
                goesOn = step(number);
            } catch (Throwable t) {
                // Even to report a failure, or to wait, failed for lack of memory.
                pauseWithoutMemory();
            }
        }
    }

    private static void pauseWithoutMemory() {
        try {
            Failures.pause(NO_MEMORY_PAUSE_NANOS);
        } catch (Throwable t) {
            // Then without a pause.
        }
    }

    private boolean step(int number) {
        int next = awaitTurn(number == 1);
        if (next < 0) {
            return false;
        }
        Duration pause = Duration.ZERO;
        try {
            pause = roles.get(next).takeTurn();
        } finally {
            release(next, pause);
        }
        if (lookedAfter != null) {
            lookedAfter.revive();
        }
        return true;
    }

    /** Waits for a turn to be due; returns whose, or -1 once all roles have ended. */
    private int awaitTurn(boolean second) {
        lock.lock();
        try {
            while (!endThoseThatMay()) {
                long now = System.nanoTime();
                int first = -1;
                long wait = second ? LOOK_NANOS : LONGEST_PAUSE_NANOS;
                for (int i = 0; i < busy.length; i++) {
                    long left = busy[i] ? Long.MAX_VALUE : left(roles.get(i), second, now);
                    if (left < wait) {
                        wait = left;
                        first = i;
                    }
                }
                if (wait <= 0) {
                    busy[first] = true;
                    roles.get(first).setDue(now + LONGEST_PAUSE_NANOS);
                    return first;
                }
                pause(woken[second ? 1 : 0], wait);
            }
            return -1;
        } finally {
            lock.unlock();
        }
    }

    /** In how long such a thread takes a turn of that role; the longest time for one that is left to the other thread. */
    private long left(Role role, boolean second, long now) {
        if (role.hasEnded()) {
            return Long.MAX_VALUE;
        }
        long left = role.dueNanos() - now;
        if (threads.length == 1) {
            return left;
        }
        boolean failing = role.isFailing();
        if (second) {
            return failing ? left : left + OVERDUE_NANOS;
        }
        return failing ? Long.MAX_VALUE : left;
    }

    private boolean endThoseThatMay() {
        boolean all = true;
        for (int i = 0; i < busy.length; i++) {
            Role role = roles.get(i);
            if (!busy[i] && !role.hasEnded() && role.isStopping() && role.mayEnd()) {
                role.end();
                ended.signalAll();
            }
            all &= role.hasEnded();
        }
        if (all) {
            for (Condition condition : woken) {
                condition.signalAll();
            }
        }
        return all;
    }

    private static void pause(Condition condition, long nanos) {
        try {
            condition.awaitNanos(nanos);
        } catch (InterruptedException e) {
            // Nobody but stop() ends a role; the next turn comes early, that is all.
        }
    }

    /** Tries until it succeeds: a role that stayed busy for lack of memory would never take a turn again. */
    private void release(int number, Duration pause) {
        while (!tryToRelease(number, pause)) {
            pauseWithoutMemory();
        }
    }

    private boolean tryToRelease(int number, Duration pause) {
        try {
            releaseNow(number, pause);
            return true;
        } catch (Throwable t) {
            // Even to wait for a lock takes memory.
            return false;
        }
    }

    private void releaseNow(int number, Duration pause) {
        lock.lock();
        try {
            busy[number] = false;
            Role role = roles.get(number);
            long due = System.nanoTime() + pause.toNanos();
            if (due - role.dueNanos() < 0) {
                role.setDue(due);
            }
            if (threads.length > 1) {
                // It may be the other thread's by now.
                signal(role);
            }
        } finally {
            lock.unlock();
        }
    }
}
