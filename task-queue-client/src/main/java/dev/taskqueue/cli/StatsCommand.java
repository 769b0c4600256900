package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.QueueStats;
import dev.taskqueue.broker.RedisBroker;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client stats}: how many tasks are in each place. */
@Command(
        name = "stats",
        description = "Prints how many tasks are in each place of the queue.",
        mixinStandardHelpOptions = true)
final class StatsCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        QueueStats stats;
        try (RedisBroker broker = connection.open()) {
            stats = broker.stats();
        }
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
                .put("dead", stats.dead())
                .put("workers", stats.workers())
                .put("paused", stats.paused());
        Fields.print(connection.out(), fields, json);
        return 0;
    }
}
