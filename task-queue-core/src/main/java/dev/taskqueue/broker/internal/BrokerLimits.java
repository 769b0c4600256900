package dev.taskqueue.broker.internal;

import java.time.Duration;

/**
 * How long things are kept and how often they are tried.
 *
 * @param statusTtl how long a status is kept after the end; zero: no statuses at all
 * @param idempotencyTtl how long a done idempotency key is kept
 * @param maxRecoveries how often a task is taken back from dead workers before it is one of the dead letters
 * @param maxTaskBytes how large a task may be as JSON
 * @param defaultMaxRetries how many retries a task gets that does not say
 * @param logPayloads whether log lines may show parts of malformed entries
 * @param replicas how many replicas an enqueue waits for
 */
public record BrokerLimits(
        Duration statusTtl,
        Duration idempotencyTtl,
        int maxRecoveries,
        int maxTaskBytes,
        int defaultMaxRetries,
        ReplicaWait replicas,
        boolean logPayloads) {

    /**
     * @return whether statuses are kept
     */
    public boolean tracksStatus() {
        return !statusTtl.isZero();
    }
}
