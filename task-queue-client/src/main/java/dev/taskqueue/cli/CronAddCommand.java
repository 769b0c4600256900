package dev.taskqueue.cli;

import dev.taskqueue.Cron;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.Zones;
import dev.taskqueue.view.CronView;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code client cron add}: one schedule. */
@Command(
        name = "add",
        description = "Adds a schedule, or changes the one of that name, and prints it with its next fire.",
        mixinStandardHelpOptions = true)
final class CronAddCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name, unique in the queue; no white space.")
    private String name;

    @Parameters(
            index = "1",
            paramLabel = "SPEC",
            description = "When it fires, in one argument: minute, hour, day of month, month, day of week, such as "
                    + "\"0 3 * * MON-FRI\"; or one such as @daily.")
    private String times;

    @Parameters(index = "2", paramLabel = "TYPE", description = "The type of its tasks, which names the handler.")
    private String type;

    @Parameters(
            index = "3",
            arity = "0..1",
            paramLabel = "JSON | - | @FILE",
            description = "The payload: JSON, or - for standard input, or a file that holds it. Default: null.")
    private String payload;

    @Option(
            names = "--zone",
            paramLabel = "Z",
            description = "Whose clock SPEC speaks of, such as Europe/Berlin (default: ${DEFAULT-VALUE}).")
    private String zone = "UTC";

    @Option(
            names = "--overlap",
            paramLabel = "RULE",
            description =
                    "What happens to a fire while the task of the one before has not ended: skip leaves it out, queue has it "
                            + "wait, allow runs both (default: ${DEFAULT-VALUE}).")
    private String overlap = "skip";

    @Option(
            names = "--catch-up",
            paramLabel = "RULE",
            description =
                    "Which fires of the last 24 hours are made up for that no worker was there for: latest, none or all "
                            + "(default: ${DEFAULT-VALUE}).")
    private String catchUp = "latest";

    @Option(
            names = "--max-retries",
            paramLabel = "N",
            description =
                    "Attempts that may follow a failed first one (default: DEFAULT_MAX_RETRIES of the worker that fires).")
    private Integer maxRetries;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Cron cron = Cron.of(name, times, type, JsonText.payload(payload, spec))
                .withZone(Zones.parse(zone))
                .withCatchUp(Cron.CatchUp.ofWireName(catchUp))
                .withOverlap(Cron.Overlap.ofWireName(overlap));
        cron = maxRetries == null ? cron : cron.withMaxRetries(maxRetries);
        try (RedisBroker broker = connection.open()) {
            Fields.print(connection.out(), CronView.of(broker.crons().put(cron)), json);
        }
        return 0;
    }
}
