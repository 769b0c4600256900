package dev.taskqueue.cli.bench;

import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.cli.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code client bench cold}: how fast a JVM is that was just started. */
@Command(
        name = "cold",
        description =
                "Measures JVMs that were just started, beside bare commands from JVMs that were just started, in turn: the first "
                        + "calls of enqueue, and the first tasks of a worker, from its start on; and the CPU that they took. "
                        + "Redis is looked for by the environment. The queue must be empty, and is cleaned up.",
        mixinStandardHelpOptions = true)
final class ColdCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Option(
            names = "--calls",
            paramLabel = "N",
            description = "Calls of enqueue in each of two cases (default: ${DEFAULT-VALUE}).")
    private int calls = 20_000;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            split = ",",
            description = "Tasks to drain with 10 threads, one case each (default: 40000,150000).")
    private List<Integer> tasks = List.of(40_000, 150_000);

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Mixin
    private TrackingOption tracking;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, IOException {
        new OptionRange(spec, "--calls", 100, 1_000_000).require(calls);
        new OptionRange(spec, "--tasks", 100, 10_000_000).requireEach(tasks);
        new OptionRange(spec, "--rounds", 1, 100).require(rounds);
        RedisSettings settings = connection.settings();
        Map<Bench.Case, Bench.Figures> figures = new LinkedHashMap<>();
        try (RedisBroker broker = tracking.applyTo(connection.broker(settings, BenchCommand.QUEUE))
                .build()) {
            broker.ping();
            try (BareRedis bare = new BareRedis(settings, broker.queue())) {
                bare.requireEmpty();
                for (int round = 1; round <= rounds; round++) {
                    connection.tell("round " + round + " of " + rounds);
                    enqueue(figures, broker.queue(), bare);
                    for (int number : tasks) {
                        drain(figures, new Ours(broker), bare, broker.queue(), number);
                    }
                }
            }
        }
        String heading = "JVMs just started, tracking " + tracking.value() + ", medians of " + rounds + " rounds";
        new BenchTable(connection.out(), json, tracking.value()).print(heading, figures);
        return 0;
    }

    private void enqueue(Map<Bench.Case, Bench.Figures> figures, String queue, BareRedis bare)
            throws IOException, InterruptedException {
        List<Double> floor = run(bare, "enqueue", queue, calls, true);
        List<Double> ours = run(bare, "enqueue", queue, calls, false);
        add(figures, "enqueue one by one, calls 1 to " + calls, "tasks/s", floor.get(0), ours.get(0));
        add(figures, "enqueue one by one, calls to " + 2 * calls, "tasks/s", floor.get(1), ours.get(1));
        add(figures, "enqueue one by one, CPU", "ms", floor.get(2), ours.get(2));
    }

    private void drain(Map<Bench.Case, Bench.Figures> figures, Ours ours, BareRedis bare, String queue, int number)
            throws IOException, InterruptedException {
        ours.enqueueNew(number);
        List<Double> floor = run(bare, "drain", queue, number, true);
        ours.enqueueNew(number);
        List<Double> mine = run(bare, "drain", queue, number, false);
        add(figures, "drain, first " + number + " tasks", "tasks/s", floor.get(0), mine.get(0));
        add(figures, "drain, first " + number + " tasks, CPU", "ms", floor.get(1), mine.get(1));
    }

    private static void add(
            Map<Bench.Case, Bench.Figures> figures, String name, String unit, double floor, double ours) {
        Bench.Figures row = figures.computeIfAbsent(
                new Bench.Case(name, unit, unit.equals("tasks/s")),
                key -> new Bench.Figures(new Samples(), new Samples()));
        row.floor().add(floor);
        row.ours().add(ours);
    }

    /** Runs one side of a case in a JVM of its own, and clears the queue behind it. */
    private List<Double> run(BareRedis bare, String what, String queue, int number, boolean floor)
            throws IOException, InterruptedException {
        List<String> command = ChildJvm.command(
                List.of(),
                "cold-process",
                what,
                queue,
                "--queue",
                queue,
                "--number",
                Integer.toString(number),
                "--tracking",
                tracking.value());
        if (floor) {
            command.add("--floor");
        }
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new TaskQueueException("the process that was to measure failed; what it said stands above");
            }
            return output.strip().lines().map(Double::valueOf).toList();
        } finally {
            bare.clear();
        }
    }
}
