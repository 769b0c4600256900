package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.config.Variables;
import dev.taskqueue.view.TaskView;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client tasks}: the tasks in each place of a queue, one a line. */
@Command(
        name = "tasks",
        description =
                "Prints the tasks of the queue that have not ended, place by place: those that run, then those that "
                        + "are ready in the order in which they will run, scheduled ones next due first, and parked ones; the "
                        + "first 100 without --limit.",
        mixinStandardHelpOptions = true)
final class TasksCommand implements Callable<Integer> {

    private static final long DEFAULT_LIMIT = 100;
    private static final int PAGE = 500;

    /** A second or so of round trips in the worst case. */
    private static final int MOST_SEARCHED = 100_000;

    private static final int SHOWN_CHARS = 60;

    private static final List<Place> UNFINISHED = List.of(
            Place.PROCESSING,
            Place.READY_HIGH,
            Place.READY_NORMAL,
            Place.READY_LOW,
            Place.SCHEDULED,
            Place.PARKED,
            Place.SUSPECTS);

    @Mixin
    private Connection connection;

    @Mixin
    private PlaceOptions places;

    @Option(names = "--json", description = "Print a JSON array of objects, as status does of one.")
    private boolean json;

    private final List<TaskEntry> found = new ArrayList<>();
    private long searched;
    private boolean complete;

    @Override
    public Integer call() {
        TaskFilter filter = places.filter(UNFINISHED, EnumSet.allOf(Place.class));
        long limit = places.limit(DEFAULT_LIMIT);
        try (RedisBroker broker = connection.open()) {
            read(broker, filter, limit);
        }
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            found.forEach(entry -> all.add(TaskView.of(entry, false)));
            connection.out().println(all);
            connection.out().flush();
        } else {
            print();
        }
        if (!complete && found.size() < limit) {
            connection.warn("the first " + searched + " entries were searched; the queue holds more");
        }
        return 0;
    }

    private void read(RedisBroker broker, TaskFilter filter, long limit) {
        Optional<String> from = Optional.empty();
        do {
            TaskPage page = broker.tasks().list(filter, from, (int) Math.min(PAGE, MOST_SEARCHED - searched));
            page.entries().stream().limit(limit - found.size()).forEach(found::add);
            searched += page.searched();
            from = page.next();
        } while (from.isPresent() && found.size() < limit && searched < MOST_SEARCHED);
        complete = from.isEmpty();
    }

    private void print() {
        Table table = new Table(List.of("PLACE", "ID", "TYPE", "ATTEMPTS", "CREATED", "WHAT"));
        found.forEach(entry -> table.add(row(entry), List.of()));
        table.print(connection.out());
    }

    private static List<String> row(TaskEntry entry) {
        String what = entry.problem()
                .or(() -> entry.worker().map(worker -> "held by " + worker))
                .or(() -> entry.dueAt().map(due -> "due " + due))
                .or(() -> entry.task().flatMap(Task::lastError))
                .orElse("");
        return List.of(
                entry.place().name().toLowerCase(Locale.ROOT),
                // Anybody can have written it into Redis.
                Variables.printable(entry.id()),
                Variables.printable(entry.type().orElse("-")),
                entry.task().map(task -> Integer.toString(task.retry())).orElse("-"),
                entry.task()
                        .filter(task -> task.history().createdAtMillis() > 0)
                        .map(task -> task.createdAt().toString())
                        .orElse("-"),
                Table.shorten(what, SHOWN_CHARS));
    }
}
