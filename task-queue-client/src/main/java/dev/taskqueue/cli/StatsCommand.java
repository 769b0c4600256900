package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.QueuePause;
import dev.taskqueue.QueueStats;
import dev.taskqueue.broker.RedisBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client stats}: how many tasks are in each place. */
@Command(
        name = "stats",
        description =
                "Prints how many tasks are in each place of the queue; of QUEUE_NAME and of each queue of TASK_ROUTES, "
                        + "without --queue.",
        mixinStandardHelpOptions = true)
final class StatsCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print one JSON object; of several queues an array of them.")
    private boolean json;

    @Override
    public Integer call() {
        try (RedisBroker broker = connection.open()) {
            boolean several = broker.queues().size() > 1;
            List<ObjectNode> all = new ArrayList<>();
            BrokerUnavailableException failure = null;
            for (String queue : broker.queues()) {
                try {
                    all.add(fields(broker.queue(queue).stats()));
                } catch (BrokerUnavailableException e) {
                    if (!connection.settings().cluster()) {
                        throw e;
                    }
                    // The node of another queue may be there.
                    failure = failure == null ? e : failure;
                }
            }
            print(all, several);
            if (failure != null) {
                throw failure;
            }
        }
        return 0;
    }

    private void print(List<ObjectNode> all, boolean several) {
        if (several && json) {
            connection.out().println(JsonNodeFactory.instance.arrayNode().addAll(all));
            connection.out().flush();
            return;
        }
        for (int i = 0; i < all.size(); i++) {
            if (i > 0) {
                connection.out().println();
            }
            Fields.print(connection.out(), all.get(i), json);
        }
    }

    private static ObjectNode fields(QueueStats stats) {
        ObjectNode fields = JsonNodeFactory.instance
                .objectNode()
                .put("queue", stats.queue())
                .put("ready", stats.ready())
                .put("ready_high", stats.high())
                .put("ready_normal", stats.normal())
                .put("ready_low", stats.low())
                .put("processing", stats.processing())
                .put("scheduled", stats.scheduled())
                .put("suspects", stats.suspects())
                .put("parked", stats.parked())
                .put("dead", stats.dead())
                .put("workers", stats.workers())
                .put("overdue", stats.overdue());
        stats.oldestReady().ifPresent(since -> fields.put("oldest_ready", since.toString()));
        stats.nextDue().ifPresent(due -> fields.put("next_due", due.toString()));
        if (stats.pause().isPresent()) {
            addPause(fields, stats.pause().get());
        } else {
            fields.put("paused", false);
        }
        return fields;
    }

    /** What a pause does not tell is left out. */
    static void addPause(ObjectNode fields, QueuePause pause) {
        fields.put("paused", true);
        pause.by().ifPresent(by -> fields.put("paused_by", by));
        pause.reason().ifPresent(reason -> fields.put("paused_reason", reason));
        pause.since().ifPresent(since -> fields.put("paused_since", since.toString()));
        pause.until().ifPresent(until -> fields.put("paused_until", until.toString()));
    }
}
