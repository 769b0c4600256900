package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.CronSpec;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.Zones;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code client cron next}: when a spec fires. It asks no Redis. */
@Command(
        name = "next",
        description = "Prints the next times at which a spec fires, in UTC. Needs no Redis.",
        mixinStandardHelpOptions = true)
final class CronNextCommand implements Callable<Integer> {

    private static final int MOST = 1_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Parameters(
            paramLabel = "SPEC",
            description = "In one argument: minute, hour, day of month, month, day of week; or one such as @daily.")
    private String times;

    @Option(names = "-n", paramLabel = "N", description = "How many, 1 to 1000 (default: ${DEFAULT-VALUE}).")
    private int count = 5;

    @Option(
            names = "--zone",
            paramLabel = "Z",
            description = "Whose clock SPEC speaks of, such as Europe/Berlin (default: ${DEFAULT-VALUE}).")
    private String zone = "UTC";

    @Option(
            names = "--from",
            paramLabel = "INSTANT",
            description = "After which time, such as 2026-03-29T00:00:00Z (default: now).")
    private String from;

    @Option(names = "--json", description = "Print a JSON array.")
    private boolean json;

    @Override
    public Integer call() {
        if (count < 1 || count > MOST) {
            throw new ParameterException(spec.commandLine(), "-n is " + count + "; allowed is 1 to " + MOST);
        }
        List<Instant> fires = fires(CronSpec.parse(times), Zones.parse(zone), from());
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            fires.forEach(fire -> all.add(fire.toString()));
            connection.out().println(all);
        } else {
            fires.forEach(connection.out()::println);
        }
        connection.out().flush();
        return 0;
    }

    private List<Instant> fires(CronSpec schedule, ZoneId clock, Instant after) {
        List<Instant> fires = new ArrayList<>();
        Optional<Instant> next = schedule.next(after, clock);
        while (next.isPresent() && fires.size() < count) {
            fires.add(next.get());
            next = schedule.next(next.get(), clock);
        }
        return fires;
    }

    private Instant from() {
        try {
            return from == null ? Instant.now() : Instant.parse(from);
        } catch (DateTimeParseException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--from is " + TaskLimits.quote(from) + "; it must be a time such as 2026-03-29T00:00:00Z",
                    e);
        }
    }
}
