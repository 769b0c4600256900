package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import java.time.Duration;
import java.util.List;

/**
 * Stops what is cancelled: asks Redis which of this worker's claims are, interrupts those that run, and keeps the others from
 * starting. Only where the promoter's look or, should that fail, a beat has told that there are any. Thread-safe, but for
 * {@link #trim}.
 */
final class Cancellations {

    private static final long TRIM_PERIOD_NANOS = Duration.ofMinutes(1).toNanos();

    private final BrokerSession session;
    private final UnsettledClaims unsettled;
    private final RunnerPool pool;
    private String trimCursor = "0";
    private long trimAtNanos = System.nanoTime();

    Cancellations(BrokerSession session, UnsettledClaims unsettled, RunnerPool pool) {
        this.session = session;
        this.unsettled = unsettled;
        this.pool = pool;
    }

    /** Asks, and stops. */
    void enforce() {
        List<Claim> held = unsettled.snapshot();
        if (!held.isEmpty()) {
            session.findCancelled(held);
            // After the claims know: what begins from now on sees it by itself, see Runner.
            pool.running().forEach(Attempt::cancelIfAsked);
        }
    }

    /** Lets go of some tombstones that nobody needs any more, now and then; to be called by one thread. */
    void trim() {
        if (System.nanoTime() - trimAtNanos < 0) {
            return;
        }
        trimCursor = session.trimCancelled(trimCursor);
        if (trimCursor.equals("0")) {
            trimAtNanos = System.nanoTime() + TRIM_PERIOD_NANOS;
        }
    }
}
