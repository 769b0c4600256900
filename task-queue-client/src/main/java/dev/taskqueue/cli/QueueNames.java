package dev.taskqueue.cli;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.QueueSearch;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Which queues a command looks at that is about several: those of the settings, then those found in Redis. */
final class QueueNames {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Connection connection;
    private final Consumer<String> told;

    /**
     * @param told is told of what is left out
     */
    QueueNames(Connection connection, Consumer<String> told) {
        this.connection = connection;
        this.told = told;
    }

    /** With {@code --queue} that one alone. */
    List<String> of(RedisBroker broker) {
        Set<String> names = new LinkedHashSet<>(broker.queues());
        if (!connection.isQueueGiven() && !connection.settings().cluster()) {
            QueueSearch search = broker.findQueues(PATIENCE);
            names.addAll(search.queues());
            if (!search.complete()) {
                told.accept(
                        "not all keys were looked at within " + PATIENCE.toSeconds() + " s; there may be more queues");
            }
        }
        return List.copyOf(names);
    }

    /**
     * Looks at each; one that this user may not read, or whose node of a cluster is away, is told of and left out.
     *
     * @throws TaskQueueException if none could be looked at
     */
    List<QueueSample> samples(RedisBroker broker, List<String> names) {
        List<QueueSample> samples = new ArrayList<>();
        TaskQueueException failure = null;
        for (String name : names) {
            try {
                samples.add(QueueSample.of(broker.queue(name)));
            } catch (BrokerRejectedException e) {
                failure = e;
                told.accept("queue " + name + " is left out: " + e.getMessage());
            } catch (BrokerUnavailableException e) {
                if (!connection.settings().cluster()) {
                    throw e;
                }
                failure = e;
                told.accept("queue " + name + " is left out: " + e.getMessage());
            }
        }
        if (samples.isEmpty() && failure != null) {
            throw failure;
        }
        return samples;
    }
}
