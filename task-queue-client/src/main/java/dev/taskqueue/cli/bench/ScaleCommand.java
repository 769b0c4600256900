package dev.taskqueue.cli.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.cli.Connection;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code client bench scale}: what Redis has to do as workers and tasks become many. */
@Command(
        name = "scale",
        description =
                "Counts what tasks and idle workers cost Redis as they become many: commands, CPU and bytes, as Redis counts "
                        + "them, which a busy machine does not change much. Nothing else may use that Redis meanwhile. The "
                        + "queue must be empty, and is cleaned up. Not for Redis Cluster.",
        mixinStandardHelpOptions = true)
final class ScaleCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Option(names = "--tasks", paramLabel = "N", description = "Tasks to count (default: ${DEFAULT-VALUE}).")
    private int tasks = 100_000;

    @Option(
            names = "--processes",
            paramLabel = "N",
            split = ",",
            description = "Worker processes of 10 threads that drain the queue, one case each (default: 2,8).")
    private List<Integer> processes = List.of(2, 8);

    @Option(
            names = "--idle",
            paramLabel = "N",
            split = ",",
            description = "Idle workers, one case each (default: 20,200).")
    private List<Integer> idle = List.of(20, 200);

    @Option(names = "--seconds", paramLabel = "N", description = "For how long idle (default: ${DEFAULT-VALUE}).")
    private int seconds = 20;

    @Option(
            names = "--lengths",
            paramLabel = "N",
            split = ",",
            description = "Tasks queued, and scheduled, two cases each (default: 10000,1000000).")
    private List<Integer> lengths = List.of(10_000, 1_000_000);

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        new OptionRange(spec, "--tasks", 100, 10_000_000).require(tasks);
        new OptionRange(spec, "--processes", 1, 100).requireEach(processes);
        new OptionRange(spec, "--idle", 1, 1_000).requireEach(idle);
        new OptionRange(spec, "--seconds", 1, 3_600).require(seconds);
        new OptionRange(spec, "--lengths", 100, 10_000_000).requireEach(lengths);
        RedisSettings settings = connection.settings();
        try (RedisBroker broker =
                connection.broker(settings, BenchCommand.QUEUE).build()) {
            broker.ping();
            try (Scale scale = new Scale(settings, broker, tasks, connection::tell)) {
                run(scale);
            }
        }
        return 0;
    }

    private void run(Scale scale) throws InterruptedException {
        scale.requireEmptyQueue();
        try {
            for (int number : processes) {
                scale.drain(number);
            }
            for (int number : idle) {
                scale.idle(number, seconds);
            }
            for (int length : lengths) {
                scale.queued(length);
            }
            for (int length : lengths) {
                scale.scheduled(length);
            }
        } finally {
            scale.clear();
        }
        print(scale);
    }

    private void print(Scale scale) {
        PrintWriter out = connection.out();
        if (json) {
            ArrayNode rows = JsonNodeFactory.instance.arrayNode();
            scale.costs()
                    .forEach((name, cost) -> rows.addObject()
                            .put("case", name)
                            .put("commands", cost.commands())
                            .put("scripts", cost.scripts())
                            .put("cpu_micros", cost.cpuMicros())
                            .put("bytes_in", cost.bytesIn())
                            .put("bytes_out", cost.bytesOut()));
            out.println(rows);
        } else {
            out.printf(
                    "%-36s %10s %10s %10s %10s %10s%n",
                    "what Redis does", "commands", "scripts", "CPU µs", "bytes in", "bytes out");
            scale.costs()
                    .forEach((name, cost) -> out.printf(
                            Locale.ROOT,
                            "%-36s %10.3f %10.3f %10.2f %10.0f %10.0f%n",
                            name,
                            cost.commands(),
                            cost.scripts(),
                            cost.cpuMicros(),
                            cost.bytesIn(),
                            cost.bytesOut()));
        }
        out.flush();
    }
}
