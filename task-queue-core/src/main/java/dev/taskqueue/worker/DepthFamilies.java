package dev.taskqueue.worker;

import dev.taskqueue.QueueStats;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;

/**
 * What one scrape tells of the queues. Depth is told as it is known now, or not at all. What alerts wait for is always told, as
 * an alert whose series ends is over: Redis being away must not end it.
 */
final class DepthFamilies {

    private final GaugeMetricFamily depth = new GaugeMetricFamily(
            "go_task_queue_depth",
            "Tasks by place: ready, processing, scheduled, suspects, parked, dead.",
            List.of("queue", "place"));
    private final GaugeMetricFamily paused = family("paused", "1 while the queue is paused, else 0.");
    private final GaugeMetricFamily connected = family("connected", "1 if Redis answered this scrape in time, else 0.");
    private final GaugeMetricFamily age = family(
            "oldest_ready_age_seconds",
            "For how long the oldest ready task has waited; 0 where none tells. While Redis is away it grows from what was last known.");
    private final GaugeMetricFamily overdue = family(
            "overdue", "Scheduled tasks that have been due for more than 5 s; while Redis is away as last known.");

    private static GaugeMetricFamily family(String name, String help) {
        return new GaugeMetricFamily("go_task_queue_" + name, help, List.of("queue"));
    }

    /** What Redis has just told. */
    void addDepth(QueueStats stats) {
        depth.addMetric(List.of(stats.queue(), "ready"), stats.ready());
        depth.addMetric(List.of(stats.queue(), "processing"), stats.processing());
        depth.addMetric(List.of(stats.queue(), "scheduled"), stats.scheduled());
        depth.addMetric(List.of(stats.queue(), "suspects"), stats.suspects());
        depth.addMetric(List.of(stats.queue(), "parked"), stats.parked());
        depth.addMetric(List.of(stats.queue(), "dead"), stats.dead());
        paused.addMetric(List.of(stats.queue()), stats.paused() ? 1 : 0);
    }

    void addConnected(String queue, boolean answered) {
        connected.addMetric(List.of(queue), answered ? 1 : 0);
    }

    /** What Redis told last, at whatever time: nobody has taken a ready task since if it is away for all. */
    void addLastKnown(QueueStats stats, long nowMillis) {
        double millis = stats.oldestReady()
                .map(since -> Math.max(0.0, nowMillis - since.toEpochMilli()))
                .orElse(0.0);
        age.addMetric(List.of(stats.queue()), millis / 1e3);
        overdue.addMetric(List.of(stats.queue()), stats.overdue());
    }

    /** Redis has told nothing yet: the series are there, and no comparison with them is true. */
    void addUnknown(String queue) {
        age.addMetric(List.of(queue), Double.NaN);
        overdue.addMetric(List.of(queue), Double.NaN);
    }

    List<MetricFamilySamples> all() {
        return List.of(depth, paused, connected, age, overdue);
    }
}
