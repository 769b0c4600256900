package dev.taskqueue.worker;

import java.time.Duration;
import java.util.Map;

/**
 * What all queues of one worker have in common.
 *
 * @param worker the worker's name
 * @param handlers handlers by type
 */
record WorkerContext(
        String worker,
        RunnerPool pool,
        Map<String, TaskHandler> handlers,
        RetryPolicy retryPolicy,
        Duration lease,
        WorkerMetrics metrics,
        Listeners listeners,
        RoleFailures failures,
        Timings timings) {}
