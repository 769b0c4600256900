package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.ClaimBatch;
import java.time.Duration;
import java.util.List;

/**
 * One wait for a task on an empty queue, done by the thread that will run it: to wake another thread first takes as long as
 * the whole way through Redis. The fetcher waits for it to end, so that at any time only one of the two claims.
 */
final class IdleWait implements Work {

    private static final ClaimBatch NOTHING = new ClaimBatch(List.of(), 0, false, false);

    /** After so long without a runner, what the claim before it found is no longer true. */
    private static final long FRESH_NANOS = Duration.ofMillis(10).toNanos();

    private final BrokerSession session;
    private final UnsettledClaims unsettled;
    private final ServedQueue queue;
    private final Duration patience;
    private final Runnable onEnd;
    private final long madeNanos = System.nanoTime();
    // Guarded by this; a monitor, as to end the wait must need no memory.
    private boolean ended;
    private boolean kept;
    private ClaimBatch claimed = NOTHING;
    private Throwable failure;

    /**
     * @param onEnd run once it has ended, by the thread that ended it
     */
    IdleWait(BrokerSession session, UnsettledClaims unsettled, ServedQueue queue, Duration patience, Runnable onEnd) {
        this.session = session;
        this.unsettled = unsettled;
        this.queue = queue;
        this.patience = patience;
        this.onEnd = onEnd;
    }

    boolean isFor(ServedQueue other) {
        return queue == other;
    }

    /**
     * Waits; returns an attempt for the calling runner to run, with its slot, or null where there is none. The attempt has
     * entered the gate of its queue.
     */
    Attempt perform() {
        ClaimBatch got = NOTHING;
        Attempt attempt = null;
        Throwable thrown = null;
        try {
            if (System.nanoTime() - madeNanos > FRESH_NANOS) {
                // It lay behind busy runners: meanwhile the queue may have been paused, or a task of high priority have
                // come,
                // and a wait sees neither. The fetcher claims anew, and then has an idle runner.
                return null;
            }
            got = session.awaitClaim(patience);
            // A pause that begins after the wait's end is seen by the gate alone.
            if (Admission.mayStartAtOnce(got, queue) && queue.gate().enter()) {
                try {
                    Claim claim = got.claims().get(0);
                    Attempt own = queue.attempt(claim);
                    unsettled.add(claim);
                    attempt = own;
                    got = NOTHING;
                } finally {
                    if (attempt == null) {
                        queue.gate().leave();
                    }
                }
            }
        } catch (Throwable t) {
            // The fetcher's to deal with, as if it had waited itself.
            thrown = t;
            got = NOTHING;
        } finally {
            end(got, attempt != null, thrown);
        }
        return attempt;
    }

    /** Ends it before any runner has begun. */
    void cancel() {
        end(NOTHING, false, null);
    }

    private void end(ClaimBatch got, boolean keptOne, Throwable thrown) {
        synchronized (this) {
            claimed = got;
            kept = keptOne;
            failure = thrown;
            ended = true;
            notifyAll();
        }
        onEnd.run();
    }

    synchronized boolean hasEnded() {
        return ended;
    }

    /**
     * Waits for the end; to be called by the fetcher.
     *
     * @return what the fetcher has yet to take care of
     * @throws dev.taskqueue.BrokerUnavailableException if the wait failed
     */
    synchronized ClaimBatch await() {
        while (!ended) {
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody interrupts a role; its end comes through cancel().
            }
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return claimed;
    }

    /** Whether a runner kept a claim for itself, with the slot; known once the wait has ended. */
    synchronized boolean isKept() {
        return kept;
    }
}
