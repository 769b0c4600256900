package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.QueuePause;
import dev.taskqueue.QueueStats;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client queues}: all queues, one a line. */
@Command(
        name = "queues",
        description =
                "Prints all queues: those of QUEUE_NAME and TASK_ROUTES, and each in this Redis that a worker has ever "
                        + "served (not looked for in Redis Cluster, nor with --queue).",
        mixinStandardHelpOptions = true)
final class QueuesCommand implements Callable<Integer> {

    private static final Set<Integer> NUMBERS = Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print a JSON array of objects, as stats does of one.")
    private boolean json;

    @Override
    public Integer call() {
        List<QueueSample> samples;
        try (RedisBroker broker = connection.open()) {
            QueueNames names = new QueueNames(connection, connection::warn);
            samples = names.samples(broker, names.of(broker));
        }
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            samples.forEach(sample -> all.add(sample.json()));
            connection.out().println(all);
            connection.out().flush();
        } else {
            print(samples, Instant.now());
        }
        return 0;
    }

    private void print(List<QueueSample> samples, Instant now) {
        Table table = new Table(
                List.of(
                        "QUEUE",
                        "HIGH",
                        "NORMAL",
                        "LOW",
                        "OLDEST",
                        "RUNNING",
                        "SCHEDULED",
                        "PARKED",
                        "DEAD",
                        "WORKERS",
                        "THREADS",
                        "PAUSED"),
                NUMBERS);
        samples.forEach(sample -> table.add(row(sample, now), List.of()));
        table.print(connection.out());
    }

    private static List<String> row(QueueSample sample, Instant now) {
        QueueStats stats = sample.stats();
        return List.of(
                stats.queue(),
                Long.toString(stats.high()),
                Long.toString(stats.normal()),
                Long.toString(stats.low()),
                since(stats.oldestReady(), now),
                Long.toString(stats.processing()),
                Long.toString(stats.scheduled()),
                Long.toString(stats.parked() + stats.suspects()),
                Long.toString(stats.dead()),
                Integer.toString(stats.workers()),
                Integer.toString(sample.threads()),
                stats.pause().map(QueuesCommand::paused).orElse(""));
    }

    /** By whom and why, as far as known. */
    static String paused(QueuePause pause) {
        return Table.shorten(
                pause.by().orElse("yes")
                        + pause.reason().map(reason -> ": " + reason).orElse(""),
                60);
    }

    /** A dash where nobody knows. */
    static String since(Optional<Instant> then, Instant now) {
        return then.map(time -> Table.age(Duration.between(time, now))).orElse("-");
    }
}
