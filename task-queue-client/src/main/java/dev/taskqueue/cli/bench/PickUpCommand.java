package dev.taskqueue.cli.bench;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.cli.Connection;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code client bench pick-up}: where the time goes from the call of enqueue until an idle worker's handler has begun. */
@Command(
        name = "pick-up",
        description =
                "Takes the time apart from a push until an idle worker has begun: three ways to push, bare, with a status, and "
                        + "by enqueue, each to bare threads in BLMOVE and to a worker, in turns, beside the first. Redis is looked for by "
                        + "the environment. The queue, and one with -bare behind its name, must be empty, and are cleaned up.",
        mixinStandardHelpOptions = true)
final class PickUpCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Option(
            names = "--threads",
            paramLabel = "N",
            split = ",",
            description = "Idle threads on either side, some cases each (default: 10,100).")
    private List<Integer> threads = List.of(10, 100);

    @Option(
            names = "--turns",
            paramLabel = "N",
            split = ",",
            description = "Samples that each way takes in a row, some cases each (default: 1,100).")
    private List<Integer> turns = List.of(1, 100);

    @Option(names = "--samples", paramLabel = "N", description = "Samples of each way (default: ${DEFAULT-VALUE}).")
    private int samples = 1_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds after the warm-up (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        new OptionRange(spec, "--threads", 1, 1_000).requireEach(threads);
        new OptionRange(spec, "--turns", 1, 10_000).requireEach(turns);
        new OptionRange(spec, "--samples", 10, 1_000_000).require(samples);
        new OptionRange(spec, "--rounds", 1, 100).require(rounds);
        int most = threads.stream().max(Integer::compare).orElseThrow();
        RedisSettings settings =
                connection.settings().toBuilder().maxConnections(most + 16).build();
        try (RedisBroker broker =
                connection.broker(settings, BenchCommand.QUEUE).build()) {
            broker.ping();
            try (PickUpParts parts = new PickUpParts(settings, broker)) {
                run(parts);
            }
        }
        return 0;
    }

    private void run(PickUpParts parts) throws InterruptedException {
        parts.requireEmptyQueues();
        connection.tell("warming up");
        parts.measure(threads.get(0), turns.get(0), samples);
        parts.figures().clear();
        for (int round = 1; round <= rounds; round++) {
            connection.tell("round " + round + " of " + rounds);
            for (int number : threads) {
                for (int turn : turns) {
                    parts.measure(number, turn, samples);
                }
            }
        }
        String heading = "idle pick-up, " + samples + " samples, medians of " + rounds + " rounds";
        new BenchTable(connection.out(), json, "on").print(heading, parts.figures());
    }
}
