package dev.taskqueue.worker;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.broker.internal.Beat;
import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Duration;

/** Tells Redis that the worker lives, what it does, and what became of its tasks. */
final class Heartbeat extends Role {

    private final BrokerSession session;
    private final Duration lease;
    private final Headway headway;
    private final Cancellations cancellations;
    private final PauseGate gate;
    private final SelfReport report;
    private volatile boolean registered;
    private volatile boolean suspectsWait;
    private volatile String refusal;
    private volatile long lastBeatNanos;

    Heartbeat(
            QueueFailures failures,
            BrokerSession session,
            Duration lease,
            Headway headway,
            Cancellations cancellations,
            PauseGate gate,
            SelfReport report) {
        super("heartbeat", failures);
        this.session = session;
        this.lease = lease;
        this.headway = headway;
        this.cancellations = cancellations;
        this.gate = gate;
        this.report = report;
    }

    @Override
    Duration turn() {
        long before = System.nanoTime();
        Beat beat;
        try {
            beat = session.beat(report.next());
        } catch (BrokerRejectedException e) {
            refusal = e.getMessage();
            throw e;
        }
        refusal = null;
        if (beat.counted()) {
            report.told();
        }
        // From before the request: the lease counts from when Redis ran it, which was not earlier.
        lastBeatNanos = before;
        registered = true;
        suspectsWait = beat.suspectsWait();
        headway.beat(beat.tasksWait() && !beat.paused() && !gate.isClosed());
        if (beat.anyCancelled()) {
            cancellations.enforce();
        }
        if (beat.paused()) {
            gate.close();
        }
        return lease.dividedBy(4);
    }

    /** So that after an outage the healthy speak before anybody can have gathered a lease of their silence. */
    @Override
    Duration longestBackoff() {
        return lease.dividedBy(8);
    }

    boolean isRegistered() {
        return registered;
    }

    /** Whether anything may be claimed, or taken back from others: not while the silence of this worker grows. */
    boolean mayClaim() {
        return registered && refusal == null && !hasLapsed();
    }

    /** Why the queue refuses this worker for good; null while it does not. */
    String refusal() {
        return refusal;
    }

    /** Whether a task waited for its trial at the latest beat, told once. */
    boolean takeSuspectsWait() {
        boolean wait = suspectsWait;
        suspectsWait = false;
        return wait;
    }

    /** Whether so much time has passed that other workers may have taken back what this one holds. */
    boolean hasLapsed() {
        return System.nanoTime() - lastBeatNanos > lease.toNanos();
    }
}
