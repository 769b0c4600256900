package dev.taskqueue.worker;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.QueueStats;
import dev.taskqueue.broker.RedisBroker;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the depth of each place of the queues when it is scraped. */
final class QueueDepths extends Collector implements Collector.Describable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueDepths.class);

    private final Set<RedisBroker> brokers = ConcurrentHashMap.newKeySet();

    void add(RedisBroker broker) {
        brokers.add(broker);
    }

    void remove(RedisBroker broker) {
        brokers.remove(broker);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily depth = family();
        for (RedisBroker broker : brokers) {
            try {
                QueueStats stats = broker.stats();
                depth.addMetric(List.of(broker.queue(), "ready"), stats.ready());
                depth.addMetric(List.of(broker.queue(), "processing"), stats.processing());
                depth.addMetric(List.of(broker.queue(), "scheduled"), stats.scheduled());
                depth.addMetric(List.of(broker.queue(), "dead"), stats.dead());
            } catch (BrokerUnavailableException e) {
                // No sample is the honest figure; the worker itself reports the outage, once.
                LOG.atDebug().addKeyValue("error", e.getMessage()).log("no queue depth");
            }
        }
        return List.of(depth);
    }

    @Override
    public List<MetricFamilySamples> describe() {
        return List.of(family());
    }

    private static GaugeMetricFamily family() {
        return new GaugeMetricFamily(
                "go_task_queue_depth",
                "Tasks by place: ready, processing, scheduled, dead.",
                List.of("queue", "place"));
    }
}
