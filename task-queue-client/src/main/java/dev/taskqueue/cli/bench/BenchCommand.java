package dev.taskqueue.cli.bench;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.cli.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code client bench}: how fast this Redis and this machine are with the queue, beside what they are without. */
@Command(
        name = "bench",
        description =
                "Measures the queue beside the floor: the same Redis commands with nothing around them, in the same "
                        + "run and in turn. It uses a queue of its own, which must be empty, and cleans up.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ColdCommand.class,
            PickUpCommand.class,
            ScaleCommand.class,
            ColdProcessCommand.class,
            WorkerProcessCommand.class
        })
public final class BenchCommand implements Callable<Integer> {

    static final String QUEUE = "task-queue-bench";

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Option(names = "--tasks", paramLabel = "N", description = "Tasks to drain each time (default: ${DEFAULT-VALUE}).")
    private int tasks = 100_000;

    @Option(
            names = "--threads",
            paramLabel = "N",
            split = ",",
            description = "Worker threads, one case each (default: 10,50).")
    private List<Integer> threads = List.of(10, 50);

    @Option(
            names = "--payload-bytes",
            paramLabel = "N",
            description = "Length of each payload (default: ${DEFAULT-VALUE}: tasks of some 150 bytes).")
    private int payloadBytes = 20;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds after the warm-up (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Mixin
    private TrackingOption tracking;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        new OptionRange(spec, "--tasks", 1_000, 10_000_000).require(tasks);
        new OptionRange(spec, "--rounds", 1, 100).require(rounds);
        new OptionRange(spec, "--payload-bytes", 0, 100_000).require(payloadBytes);
        new OptionRange(spec, "--threads", 1, 1_000).requireEach(threads);
        int most = threads.stream().max(Integer::compare).orElseThrow();
        RedisSettings settings =
                connection.settings().toBuilder().maxConnections(most + 16).build();
        try (RedisBroker broker =
                        tracking.applyTo(connection.broker(settings, QUEUE)).build();
                Bench bench = open(settings, broker)) {
            bench.requireEmptyQueue();
            print(bench.run(rounds, connection::tell));
        }
        return 0;
    }

    private Bench open(RedisSettings settings, RedisBroker broker) {
        // Says what is wrong in our words, before the bare connections would in theirs.
        broker.ping();
        return new Bench(settings, broker, tasks, threads, payloadBytes);
    }

    private void print(Map<Bench.Case, Bench.Figures> figures) {
        String heading = tasks + " tasks, tracking " + tracking.value() + ", medians of " + rounds + " rounds";
        new BenchTable(connection.out(), json, tracking.value()).print(heading, figures);
    }
}
