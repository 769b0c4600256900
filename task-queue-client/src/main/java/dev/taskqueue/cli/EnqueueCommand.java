package dev.taskqueue.cli;

import dev.taskqueue.Enqueued;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.EnqueuedView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code client enqueue}: one task, many alike, or those of a file. */
@Command(
        name = "enqueue",
        description = "Enqueues a task and prints its id; or, with --from, all tasks of a file.",
        mixinStandardHelpOptions = true)
final class EnqueueCommand implements Callable<Integer> {

    private static final int MAX_COUNT = 100_000_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Parameters(index = "0", arity = "0..1", paramLabel = "TYPE", description = "The type, which names the handler.")
    private String type;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "JSON | - | @FILE",
            description = "The payload: JSON, or - for standard input, or a file that holds it. Default: null.")
    private String payload;

    @Option(names = "--id", paramLabel = "ID", description = "The task's id, in place of a fresh one.")
    private String id;

    @Option(
            names = "--max-retries",
            paramLabel = "N",
            description = "Attempts that may follow a failed first one (default: DEFAULT_MAX_RETRIES, or 3).")
    private Integer maxRetries;

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            description = "Of the tasks with the same key only one succeeds within the window.")
    private String idempotencyKey;

    @Option(names = "--priority", paramLabel = "P", description = "high, normal or low (default: ${DEFAULT-VALUE}).")
    private String priority = "normal";

    @Mixin
    private TimeOptions times;

    @Mixin
    private UniqueOptions unique;

    @Option(
            names = "--json",
            description =
                    "Print what became of the task as JSON; of many, how many were enqueued, rejected, or took the place of another.")
    private boolean json;

    @Option(names = "--count", paramLabel = "N", description = "Enqueue so many, each with an id of its own.")
    private int count = 1;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description =
                    "Enqueue the tasks of a file, one JSON object a line, or of standard input for -. Every line is "
                            + "checked before the first task is sent. Should Redis fail half way, the message says "
                            + "which lines are enqueued.")
    private Path from;

    @Option(
            names = "--skip",
            paramLabel = "N",
            description = "With --from: leave the first N lines out, to go on where an earlier run stopped.")
    private Long skip;

    @Override
    public Integer call() throws IOException {
        if (from != null) {
            if (type != null) {
                throw new ParameterException(spec.commandLine(), "--from takes no TYPE: each line brings its own");
            }
            if (!times.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--in, --at and --expires-in do not go with --from: each line brings its own run_at and expires_at");
            }
            if (!unique.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "--unique does not go with --from: each line brings its own unique");
            }
            if (skip != null && skip < 0) {
                throw new ParameterException(
                        spec.commandLine(), "--skip is " + skip + "; it must be a number of lines, 0 or more");
            }
            try (RedisBroker broker = connection.open()) {
                return new TaskFile(from, skip == null ? 0 : skip, connection, json).enqueue(broker);
            }
        }
        if (skip != null) {
            throw new ParameterException(spec.commandLine(), "--skip goes with --from");
        }
        if (type == null) {
            throw new ParameterException(spec.commandLine(), "Missing: TYPE, or --from FILE");
        }
        if (count < 1 || count > MAX_COUNT) {
            throw new ParameterException(spec.commandLine(), "--count is " + count + "; allowed is 1 to " + MAX_COUNT);
        }
        if (id != null && count > 1) {
            throw new ParameterException(spec.commandLine(), "--id names one task; it does not go with --count");
        }
        RawJson body = JsonText.payload(payload, spec);
        try (RedisBroker broker = connection.open()) {
            Task task = task(body, maxRetries == null ? broker.defaultMaxRetries() : maxRetries);
            return count == 1 ? enqueueOne(broker, task) : enqueueMany(broker, task);
        }
    }

    private Task task(RawJson body, int retries) {
        Task task = Task.of(type, body).withMaxRetries(retries).withPriority(Priority.ofWireName(priority));
        task = id == null ? task : task.withId(id);
        task = unique.applyTo(times.applyTo(task));
        return idempotencyKey == null ? task : task.withIdempotencyKey(idempotencyKey);
    }

    private int enqueueOne(RedisBroker broker, Task task) {
        Enqueued enqueued = broker.enqueue(task);
        connection.out().println(json ? Fields.toJson(EnqueuedView.of(enqueued)) : enqueued.id());
        if (!json && !enqueued.accepted()) {
            connection
                    .err()
                    .println("client: not accepted: task " + enqueued.id() + " stands"
                            + (enqueued.replaced() ? ", with this content" : ""));
        }
        connection.out().flush();
        return 0;
    }

    private int enqueueMany(RedisBroker broker, Task task) {
        Tally tally = new Tally();
        try (Progress progress = new Progress(connection.err(), count)) {
            tally.add(broker.enqueueAll(
                    Stream.generate(() -> task.withId(Task.newId())).limit(count), enqueued -> progress.advance(1)));
        } catch (OutcomeUnknownException e) {
            connection.warn(e.accepted() + " tasks were accepted before this failed");
            throw e;
        }
        connection.out().println(json ? tally.toJson() : tally.toText());
        connection.out().flush();
        return 0;
    }
}
