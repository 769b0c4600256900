package dev.taskqueue.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What all queues of one worker have in common.
 *
 * @param worker the worker's name
 * @param queues the names of its queues, in the order in which they were given
 * @param handlers handlers by type
 * @param unknownTypeGrace for how long tasks are parked whose type nobody knows
 * @param deadMax how many dead letters are kept; 0: all
 * @param deadTtl for how long they are kept; zero: for ever
 */
record WorkerContext(
        String worker,
        List<String> queues,
        QuietState quiet,
        RunnerPool pool,
        Map<String, TaskHandler> handlers,
        Duration unknownTypeGrace,
        long deadMax,
        Duration deadTtl,
        RetryPolicy retryPolicy,
        Duration lease,
        WorkerMetrics metrics,
        Listeners listeners,
        RoleFailures failures,
        Timings timings) {}
