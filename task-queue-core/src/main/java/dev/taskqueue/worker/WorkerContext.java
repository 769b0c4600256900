package dev.taskqueue.worker;

import java.time.Duration;
import java.util.Map;

/**
 * What all queues of one worker have in common.
 *
 * @param worker the worker's name
 * @param handlers handlers by type
 * @param unknownTypeGrace for how long tasks are parked whose type nobody knows
 */
record WorkerContext(
        String worker,
        RunnerPool pool,
        Map<String, TaskHandler> handlers,
        Duration unknownTypeGrace,
        RetryPolicy retryPolicy,
        Duration lease,
        WorkerMetrics metrics,
        Listeners listeners,
        RoleFailures failures,
        Timings timings) {}
