package dev.taskqueue.worker;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after what runs: interrupts attempts that take too long, gives up on those that ignore it, puts back what waits for
 * a runner in vain, and replaces threads that have died. It never talks to Redis, so that no outage delays a time limit.
 */
final class Watchdog extends Role {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration PERIOD = Duration.ofMillis(50);

    /** An idle worker shall cost next to nothing. */
    private static final Duration IDLE_PERIOD = Duration.ofMillis(250);

    /** How long a claim may wait for a runner before another worker shall have it. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(100);

    private final RunnerPool pool;
    private final Optional<Duration> timeout;
    private final Duration interruptedPatience;
    private final List<RoleThreads> others;

    /**
     * @param timeout how long an attempt may take whose task does not say; empty for as long as it likes
     * @param interruptedPatience how long a handler may take to heed its interrupt
     * @param others the threads that it replaces should they die
     */
    Watchdog(
            QueueFailures failures,
            RunnerPool pool,
            Optional<Duration> timeout,
            Duration interruptedPatience,
            List<RoleThreads> others) {
        super("watchdog", failures);
        this.pool = pool;
        this.timeout = timeout;
        this.interruptedPatience = interruptedPatience;
        this.others = others;
    }

    @Override
    Duration turn() {
        giveBackWhatWaits();
        List<Attempt> running = pool.running();
        running.forEach(this::enforceLimit);
        pool.fill();
        others.forEach(RoleThreads::revive);
        return running.isEmpty() ? IDLE_PERIOD : PERIOD;
    }

    /** Puts back what was claimed ahead of tasks that turned out to be slow. */
    private void giveBackWhatWaits() {
        List<Attempt> late = pool.queue().removeOlderThan(LONGEST_WAIT);
        if (late.isEmpty()) {
            return;
        }
        // The newest first: each goes to the consuming end, so that the oldest is taken next.
        for (int i = late.size() - 1; i >= 0; i--) {
            ServedQueue queue = late.get(i).servedQueue();
            queue.slots().prefetch().backOff();
            try {
                queue.release(late.get(i));
            } finally {
                queue.slots().free(1);
            }
        }
    }

    private void enforceLimit(Attempt attempt) {
        Optional<Duration> limit = attempt.task().timeout().or(() -> timeout);
        if (limit.isPresent() && attempt.runTime().compareTo(limit.get()) >= 0) {
            attempt.cancel(Attempt.Cancellation.TIMEOUT);
        }
        // Not where the worker shuts down: that ends the wait for its handlers by itself.
        boolean mustEnd = attempt.cancellation() == Attempt.Cancellation.TIMEOUT
                || attempt.cancellation() == Attempt.Cancellation.TASK;
        if (mustEnd && attempt.sinceCancelled().compareTo(interruptedPatience) >= 0) {
            giveUpOn(attempt);
        }
    }

    /**
     * Counts an attempt as failed that was told to stop and goes on, and has another runner take the place of its own.
     * Where as many are stuck already as there are places, the place stays taken until the handler returns.
     */
    private void giveUpOn(Attempt attempt) {
        boolean replace = pool.canReplace();
        if (!attempt.end(replace ? Attempt.End.REPLACED : Attempt.End.GIVEN_UP)) {
            return;
        }
        try {
            if (replace) {
                // The slot goes with the place, not with the thread.
                attempt.servedQueue().slots().free(1);
                attempt.servedQueue().meter().abandoned(1);
            }
            Exception stack = new Exception("where the handler is");
            stack.setStackTrace(attempt.thread().getStackTrace());
            LOG.atError()
                    .addKeyValue("task_id", attempt.id())
                    .addKeyValue("type", attempt.type())
                    .addKeyValue("thread", attempt.thread().getName())
                    .addKeyValue("replaced", replace)
                    .setCause(stack)
                    .log(
                            attempt.cancellation() == Attempt.Cancellation.TASK
                                    ? "handler of a cancelled task ignores its interrupt; given up on"
                                    : "handler exceeded its time limit and ignores its interrupt; attempt failed");
        } finally {
            attempt.servedQueue().complete(attempt, null, null);
        }
    }
}
