package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import java.time.Duration;

/** Tells Redis that the worker lives, and keeps the idempotency locks of what it runs. */
final class Heartbeat extends Role {

    private final BrokerSession session;
    private final Outstanding outstanding;
    private final Duration lease;
    private volatile boolean registered;
    private volatile long lastBeatNanos;

    Heartbeat(String worker, Outage outage, BrokerSession session, Outstanding outstanding, Duration lease) {
        super("heartbeat", worker, outage);
        this.session = session;
        this.outstanding = outstanding;
        this.lease = lease;
        // The one thread that lasts from start to close: a program whose main has returned goes on working.
        keepJvmAlive();
    }

    @Override
    Duration turn() {
        long before = System.nanoTime();
        session.beat(outstanding.snapshot());
        // From before the request: the lease counts from when Redis ran it, which was not earlier.
        lastBeatNanos = before;
        registered = true;
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
