package dev.taskqueue.worker;

import dev.taskqueue.QueueStats;
import dev.taskqueue.broker.RedisBroker;
import io.prometheus.client.Collector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the depth of each place of the queues when it is scraped. A scrape waits for Redis for {@link DepthReader#PATIENCE} at
 * most, however many queues there are; a queue whose depth is not known by then has no sample of it.
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

    /** What the brokers of one queue have told, and whether all of them did. */
    private record Reading(Optional<QueueStats> fresh, Optional<QueueStats> last, boolean connected) {

        private Reading and(Reading other) {
            Reading better = fresh.isPresent() ? this : other;
            return new Reading(better.fresh, better.last.or(() -> last), connected && other.connected);
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
        // Each queue once, as a sample that came twice would spoil the scrape: two brokers of one queue would make it.
        Map<String, Reading> queues = new LinkedHashMap<>();
        for (DepthReader reader : begin()) {
            Optional<QueueStats> fresh = reader.result();
            queues.merge(reader.queue(), new Reading(fresh, reader.last(), fresh.isPresent()), Reading::and);
        }
        DepthFamilies families = new DepthFamilies();
        long now = System.currentTimeMillis();
        queues.forEach((queue, reading) -> {
            reading.fresh.ifPresent(families::addDepth);
            families.addConnected(queue, reading.connected);
            reading.last.ifPresentOrElse(stats -> families.addLastKnown(stats, now), () -> families.addUnknown(queue));
        });
        return families.all();
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
        return new DepthFamilies().all();
    }
}
