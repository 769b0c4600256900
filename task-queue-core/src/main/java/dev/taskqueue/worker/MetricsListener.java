package dev.taskqueue.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts what becomes of tasks. The figures of each type are looked up once, as a registry's own look-up is slow. */
final class MetricsListener implements WorkerListener {

    private final WorkerMetrics metrics;
    /** By queue, then by type. */
    private final Map<String, Map<String, TypeMeter>> meters = new HashMap<>();

    MetricsListener(WorkerMetrics metrics, List<String> queues, Set<String> types) {
        this.metrics = metrics;
        for (String queue : queues) {
            metrics.begin(queue);
            Map<String, TypeMeter> byType = new HashMap<>();
            types.forEach(type -> byType.put(type, metrics.type(queue, type)));
            byType.put(WorkerMetrics.UNKNOWN_TYPE, metrics.type(queue, WorkerMetrics.UNKNOWN_TYPE));
            meters.put(queue, byType);
        }
    }

    private TypeMeter of(TaskContext task) {
        Map<String, TypeMeter> byType = meters.get(task.queue());
        TypeMeter known = byType.get(task.type());
        return known == null ? byType.get(WorkerMetrics.UNKNOWN_TYPE) : known;
    }

    @Override
    public void taskSucceeded(TaskContext task, Duration runTime) {
        of(task).succeeded(runTime);
    }

    @Override
    public void taskRetried(TaskContext task, Throwable failure, Duration runTime, Duration delay) {
        of(task).retried(runTime);
    }

    @Override
    public void taskDied(TaskContext task, @Nullable Throwable failure, String reason, Duration runTime) {
        if (failure == null) {
            of(task).diedUnrun();
        } else {
            of(task).died(runTime);
        }
    }

    @Override
    public void taskSkipped(TaskContext task) {
        of(task).skipped();
    }

    @Override
    public void taskExpired(TaskContext task) {
        of(task).expired();
    }

    @Override
    public void taskCancelled(TaskContext task, Duration runTime) {
        of(task).cancelled();
    }

    @Override
    public void tasksRecovered(String queue, String fromWorker, List<String> taskIds, List<String> deadIds) {
        metrics.recovered(queue, taskIds.size() + deadIds.size());
        meters.get(queue).get(WorkerMetrics.UNKNOWN_TYPE).died(deadIds.size());
    }

    @Override
    public void deadLettersTrimmed(String queue, long letters) {
        metrics.trimmed(queue, letters);
    }
}
