package dev.taskqueue.worker;

import dev.taskqueue.broker.Beat;
import dev.taskqueue.broker.BrokerSession;
import java.time.Duration;

/** Tells Redis that the worker lives, and keeps the idempotency locks of what it runs. */
final class Heartbeat extends Role {

    private final BrokerSession session;
    private final UnsettledClaims unsettled;
    private final Duration lease;
    private final Headway headway;
    private volatile boolean registered;
    private volatile long lastBeatNanos;

    Heartbeat(
            String worker,
            RoleFailures failures,
            BrokerSession session,
            UnsettledClaims unsettled,
            Duration lease,
            Headway headway) {
        super("heartbeat", worker, failures);
        this.session = session;
        this.unsettled = unsettled;
        this.lease = lease;
        this.headway = headway;
        // The one thread that lasts from start to close: a program whose main has returned goes on working.
        keepJvmAlive();
    }

    @Override
    Duration turn() {
        long before = System.nanoTime();
        Beat beat = session.beat(unsettled.snapshot());
        // From before the request: the lease counts from when Redis ran it, which was not earlier.
        lastBeatNanos = before;
        registered = true;
        headway.beat(beat.tasksWait() && !beat.paused());
        return lease.dividedBy(4);
    }

    boolean isRegistered() {
        return registered;
    }

    /** Whether so much time has passed that other workers may have taken back what this one holds. */
    boolean hasLapsed() {
        return System.nanoTime() - lastBeatNanos > lease.toNanos();
    }
}
