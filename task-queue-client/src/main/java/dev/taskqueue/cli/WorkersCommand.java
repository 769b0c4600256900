package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.WorkerView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client workers}: who serves the queues, and what runs. */
@Command(
        name = "workers",
        description = {
            "Prints the workers of the queue, what each runs and since when; of QUEUE_NAME and of each queue of TASK_ROUTES, "
                    + "without --queue.",
            "A worker is silent that has not beaten for half a lease; what it holds is taken back once it has been so for a whole one."
        },
        mixinStandardHelpOptions = true)
final class WorkersCommand implements Callable<Integer> {

    private static final List<String> TITLES =
            List.of("WORKER", "QUEUE", "STATE", "BUSY", "HELD", "BEAT", "UP", "VERSION", "TYPES");
    private static final int MAX_TYPES_CHARS = 40;
    private static final int MAX_NAME_CHARS = 64;
    private static final int MAX_RUNNING = 10;

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print a JSON array of objects, one for each worker and queue.")
    private boolean json;

    @Override
    public Integer call() {
        List<WorkerInfo> workers = new ArrayList<>();
        try (RedisBroker broker = connection.open()) {
            EachQueue.of(connection, broker, queue -> workers.addAll(queue.workers()), () -> print(workers));
        }
        return 0;
    }

    private void print(List<WorkerInfo> workers) {
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            workers.forEach(worker -> all.add(WorkerView.of(worker)));
            connection.out().println(all);
            connection.out().flush();
            return;
        }
        Table table = new Table(TITLES);
        workers.forEach(worker -> table.add(row(worker), running(worker)));
        table.print(connection.out());
    }

    private static List<String> row(WorkerInfo worker) {
        Instant now = worker.asOf();
        List<String> row = new ArrayList<>(List.of(
                Table.shorten(worker.name(), MAX_NAME_CHARS),
                Table.shorten(worker.queue(), MAX_NAME_CHARS),
                state(worker),
                worker.details()
                        .map(known -> known.busy() + "/" + known.threads())
                        .orElse("?"),
                Long.toString(worker.held()),
                Table.age(Duration.between(worker.lastBeat(), now)) + " ago"));
        row.add(worker.details()
                .map(known -> Table.age(Duration.between(known.startedAt(), now)))
                .orElse("?"));
        row.add(worker.details()
                .flatMap(WorkerInfo.Details::version)
                .map(version -> Table.shorten(version, MAX_NAME_CHARS))
                .orElse("?"));
        row.add(worker.details()
                .map(WorkersCommand::types)
                .orElseGet(() -> "? (" + worker.problem().orElse("") + ")"));
        return row;
    }

    private static String state(WorkerInfo worker) {
        if (worker.silent()) {
            return "silent"
                    + worker.recoveredIn()
                            .map(in -> ", tasks back in " + Table.age(in))
                            .orElse("");
        }
        return worker.quiet().isPresent() ? "quiet" : "ok";
    }

    private static String types(WorkerInfo.Details known) {
        String all = String.join(",", known.types()) + (known.allTypes() ? "" : ",…");
        return all.length() <= MAX_TYPES_CHARS
                ? Table.shorten(all, MAX_TYPES_CHARS)
                : Table.shorten(all, MAX_TYPES_CHARS) + " (" + known.types().size() + ")";
    }

    private static List<String> running(WorkerInfo worker) {
        List<String> lines = new ArrayList<>();
        List<WorkerInfo.Running> all =
                worker.details().map(WorkerInfo.Details::running).orElse(List.of());
        for (WorkerInfo.Running task : all.subList(0, Math.min(all.size(), MAX_RUNNING))) {
            lines.add("    " + Table.shorten(task.type(), MAX_NAME_CHARS) + "  "
                    + Table.shorten(task.id(), 128) + "  for "
                    + Table.age(Duration.between(task.since(), worker.asOf())) + "  on "
                    + Table.shorten(task.thread(), MAX_NAME_CHARS)
                    + (task.abandoned() ? "  abandoned: it ignores its interrupt" : ""));
        }
        int more = worker.details().map(WorkerInfo.Details::busy).orElse(0) - lines.size();
        if (more > 0) {
            lines.add("    and " + more + " more");
        }
        return lines;
    }
}
