package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.QueueStats;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.QueueView;
import java.util.List;

/**
 * One queue at one moment.
 *
 * @param stats how many tasks are where
 * @param workers the workers that have beaten lately
 */
record QueueSample(QueueStats stats, List<WorkerInfo> workers) {

    static QueueSample of(RedisBroker queue) {
        return new QueueSample(
                queue.stats(),
                queue.workers().stream().filter(worker -> !worker.silent()).toList());
    }

    /** Of all queues that these workers serve. */
    int threads() {
        return workers.stream()
                .flatMap(worker -> worker.details().stream())
                .mapToInt(WorkerInfo.Details::threads)
                .sum();
    }

    /** What they run of this queue. */
    int busy() {
        return workers.stream()
                .flatMap(worker -> worker.details().stream())
                .mapToInt(WorkerInfo.Details::busy)
                .sum();
    }

    /** The object of {@code stats}, and what is known of threads. */
    ObjectNode json() {
        return QueueView.of(stats).put("threads", threads()).put("busy", busy());
    }
}
