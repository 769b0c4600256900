package dev.taskqueue.worker;

import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a worker's work without losing any of it. */
final class Shutdown {

    /** How long to wait for whatever should end by itself: a handler that was interrupted, a request under way. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration INTERRUPTED_PATIENCE = Duration.ofSeconds(1);
    private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();
    private static final int MAX_BATCH = 200;
    private static final int MAX_PAGES = 1_000;

    private final RunnerPool pool;
    private final List<QueueRoles> queues;
    private volatile boolean graceEnded;

    Shutdown(RunnerPool pool, List<QueueRoles> queues) {
        this.pool = pool;
        this.queues = queues;
    }

    void endGrace() {
        graceEnded = true;
    }

    /** Stops claiming, waits for what runs, cancels what runs too long, and commits. */
    void drain(Duration grace) {
        long deadline = System.nanoTime() + grace.toNanos();
        queues.forEach(queue -> queue.fetcher().stop());
        release(pool.queue().close());
        await(() -> pool.hasEnded() || graceEnded || System.nanoTime() - deadline >= 0);
        if (!pool.hasEnded()) {
            cancelUnfinished();
        }
        // It may have brought something in from its last request; what it did not hand over is put back below.
        joinAll(queues.stream().map(QueueRoles::fetcher).toList());
        release(pool.queue().close());
        queues.forEach(queue -> queue.settler().stopWhenDone());
        joinAll(queues.stream().map(QueueRoles::settler).toList());
        queues.forEach(queue -> queue.settler().stop());
    }

    /** Waits for the end of all of them, not longer for many than for one. */
    private static void joinAll(List<? extends Role> roles) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        roles.forEach(role -> role.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime()))));
    }

    private void cancelUnfinished() {
        LOG.atWarn()
                .addKeyValue("unfinished", pool.running().size())
                .log("grace period over; interrupting and requeueing unfinished tasks");
        long deadline = System.nanoTime() + INTERRUPTED_PATIENCE.toNanos();
        await(() -> {
            // Each time anew: a runner may have just taken one that it had not yet shown as running.
            pool.running().forEach(attempt -> attempt.cancel(Attempt.Cancellation.SHUTDOWN));
            return pool.hasEnded() || System.nanoTime() - deadline >= 0;
        });
        List<Attempt> stuck = pool.running().stream()
                .filter(attempt -> attempt.end(Attempt.End.GIVEN_UP))
                .toList();
        release(stuck);
        stuck.forEach(attempt -> LOG.atError()
                .addKeyValue("task_id", attempt.id())
                .addKeyValue("type", attempt.type())
                .log("handler ignores its interrupt; its task may run twice"));
    }

    /**
     * Puts back whatever is left, and takes the worker off the registers; the settlers and the heartbeats have ended. The
     * queues whose Redis answers come first.
     */
    void leave() {
        queues.stream()
                .sorted(Comparator.comparing(queue -> queue.heartbeat().isFailing()))
                .forEach(this::leave);
    }

    private void leave(QueueRoles queue) {
        try {
            if (queue.settler().join(Duration.ZERO)) {
                releaseNow(queue, queue.unsettled().snapshot());
                releaseRest(queue);
            }
            if (queue.session().leave(queue.report().last())) {
                return;
            }
            LOG.atWarn()
                    .addKeyValue("queue", queue.name())
                    .log("processing list not empty; other workers recover it after the lease");
        } catch (TaskQueueException | IllegalStateException e) {
            LOG.atWarn()
                    .addKeyValue("queue", queue.name())
                    .addKeyValue("error", e.getMessage())
                    .log("cannot requeue tasks; other workers recover them after the lease");
        }
    }

    /** In pages, as no reply brings more than it may; an end is in sight, as each page leaves the list. */
    private static void releaseRest(QueueRoles queue) {
        List<Claim> page = queue.session().adopt(List.of()).claims();
        for (int i = 0; i < MAX_PAGES && !page.isEmpty(); i++) {
            releaseNow(queue, page);
            page = queue.session().adopt(List.of()).claims();
        }
    }

    private static void release(List<Attempt> attempts) {
        // The newest first: each goes to the consuming end, so that the oldest is taken next.
        for (int i = attempts.size() - 1; i >= 0; i--) {
            attempts.get(i).servedQueue().release(attempts.get(i));
        }
    }

    private static void releaseNow(QueueRoles queue, List<Claim> claims) {
        for (int from = 0; from < claims.size(); from += MAX_BATCH) {
            List<Outcome> released = new ArrayList<>();
            for (Claim claim : claims.subList(from, Math.min(from + MAX_BATCH, claims.size()))) {
                released.add(0, new Outcome.Released(claim));
            }
            queue.session().settle(released);
        }
    }

    /** Polls: what is awaited is the end of threads, which cannot tell anybody. */
    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
