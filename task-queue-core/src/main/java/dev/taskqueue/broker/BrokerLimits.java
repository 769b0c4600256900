package dev.taskqueue.broker;

import java.time.Duration;

/**
 * How long things are kept and how often they are tried.
 *
 * @param statusTtl how long a status is kept after the end; zero: no statuses at all
 * @param idempotencyTtl how long a done idempotency key is kept
 * @param maxRecoveries how often a task is taken back from dead workers before it is one of the dead letters
 */
record BrokerLimits(Duration statusTtl, Duration idempotencyTtl, int maxRecoveries) {

    boolean tracksStatus() {
        return !statusTtl.isZero();
    }
}
