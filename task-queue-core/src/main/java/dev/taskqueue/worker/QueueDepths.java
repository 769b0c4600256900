package dev.taskqueue.worker;

import dev.taskqueue.broker.RedisBroker;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the depth of each place of the queues when it is scraped. A scrape waits for Redis for {@link DepthReader#PATIENCE} at
 * most, however many queues there are; a queue whose depth is not known by then has no sample.
 */
final class QueueDepths extends Collector implements Collector.Describable {

    /** One broker, and how many workers work on it. */
    private static final class Entry {

        private final DepthReader reader;
        private int workers;

        private Entry(RedisBroker broker) {
            reader = new DepthReader(broker);
        }
    }

    /** In the order of their coming; a broker is the same as itself alone. */
    private final Map<RedisBroker, Entry> entries = new LinkedHashMap<>();

    synchronized void add(RedisBroker broker) {
        entries.computeIfAbsent(broker, Entry::new).workers++;
    }

    /** Takes one worker off; with the last one of a broker, waits for the end of a reading under way. */
    void remove(RedisBroker broker) {
        Entry entry;
        synchronized (this) {
            entry = entries.get(broker);
            if (entry == null || --entry.workers > 0) {
                return;
            }
            entries.remove(broker);
        }
        entry.reader.join(Shutdown.PATIENCE);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        List<DepthReader> readers = begin();
        GaugeMetricFamily depth = family();
        GaugeMetricFamily paused = pausedFamily();
        Set<String> queues = new HashSet<>();
        for (DepthReader reader : readers) {
            // A sample that came twice would spoil the scrape, as two brokers of one queue would make it.
            reader.result().filter(stats -> queues.add(reader.queue())).ifPresent(stats -> {
                depth.addMetric(List.of(reader.queue(), "ready"), stats.ready());
                depth.addMetric(List.of(reader.queue(), "processing"), stats.processing());
                depth.addMetric(List.of(reader.queue(), "scheduled"), stats.scheduled());
                depth.addMetric(List.of(reader.queue(), "suspects"), stats.suspects());
                depth.addMetric(List.of(reader.queue(), "parked"), stats.parked());
                depth.addMetric(List.of(reader.queue(), "dead"), stats.dead());
                paused.addMetric(List.of(reader.queue()), stats.paused() ? 1 : 0);
            });
        }
        return List.of(depth, paused);
    }

    /** Begins all readings before any is waited for; none begins once its broker's last worker was taken off. */
    private synchronized List<DepthReader> begin() {
        List<DepthReader> readers = new ArrayList<>();
        for (Entry entry : entries.values()) {
            entry.reader.begin();
            readers.add(entry.reader);
        }
        return readers;
    }

    @Override
    public List<MetricFamilySamples> describe() {
        return List.of(family(), pausedFamily());
    }

    private static GaugeMetricFamily pausedFamily() {
        return new GaugeMetricFamily("go_task_queue_paused", "1 while the queue is paused, else 0.", List.of("queue"));
    }

    private static GaugeMetricFamily family() {
        return new GaugeMetricFamily(
                "go_task_queue_depth",
                "Tasks by place: ready, processing, scheduled, suspects, parked, dead.",
                List.of("queue", "place"));
    }
}
