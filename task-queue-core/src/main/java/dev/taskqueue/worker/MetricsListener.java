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
    private final Map<String, TypeMeter> byType = new HashMap<>();
    private final TypeMeter unknown;

    MetricsListener(WorkerMetrics metrics, Set<String> types) {
        this.metrics = metrics;
        types.forEach(type -> byType.put(type, metrics.type(type)));
        unknown = metrics.type(WorkerMetrics.UNKNOWN_TYPE);
    }

    private TypeMeter of(TaskContext task) {
        return byType.getOrDefault(task.type(), unknown);
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
        metrics.expired(byType.containsKey(task.type()) ? task.type() : WorkerMetrics.UNKNOWN_TYPE, task.queue());
    }

    @Override
    public void tasksRecovered(String queue, String fromWorker, List<String> taskIds, List<String> deadIds) {
        metrics.recovered(queue, taskIds.size() + deadIds.size());
        unknown.died(deadIds.size());
    }
}
