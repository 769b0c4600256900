package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.RawJson;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.TaskView;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client status}: what is known of one task. */
@Command(
        name = "status",
        description =
                "Prints what is known of one task: its status or, if it has none, where in its queue it is; with TASK_ROUTES it "
                        + "is looked for in each queue.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    /** In each place: a second or so of round trips in the worst case. */
    private static final int MAX_SEARCHED = 100_000;

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "ID", description = "The task's id.")
    private String id;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        try (RedisBroker broker = connection.open()) {
            boolean several = broker.queues().size() > 1;
            Optional<TaskStatus> status = broker.status(id);
            if (status.isPresent()) {
                ObjectNode fields = TaskView.of(status.get(), several);
                Fields.print(connection.out(), json ? fields : forPerson(fields, status.get()), json);
                return 0;
            }
            return search(broker, several);
        }
    }

    /** A task that was pushed bare has no status until it runs. */
    private int search(RedisBroker broker, boolean several) {
        TaskSearch search = broker.find(id, MAX_SEARCHED);
        if (search.place().isPresent()) {
            ObjectNode fields = TaskView.of(id, search, several);
            if (!json) {
                fields.put("place", describe(search.place().get()));
            }
            Fields.print(connection.out(), fields, json);
            return 0;
        }
        connection.warn("task " + id + " has no status, and is not among the "
                + (search.complete()
                        ? search.searched() + " entries of "
                                + (several ? "the queues " + String.join(", ", broker.queues()) : "the queue")
                        : search.searched() + " entries looked at, the first " + MAX_SEARCHED
                                + " of each place; the "
                                + (several ? "queues hold" : "queue holds") + " more")
                + ": it never existed, or ended and its status has expired");
        return 1;
    }

    /** A program gets the result as it is, to the last digit; a person gets the text of a string. */
    private static ObjectNode forPerson(ObjectNode fields, TaskStatus status) {
        if (status.parked()) {
            fields.put("place", describe(Place.PARKED));
        }
        status.result().map(RawJson::parse).flatMap(RawJson::stringValue).ifPresent(text -> fields.put("result", text));
        return fields;
    }

    private static String describe(Place place) {
        return switch (place) {
            case READY_HIGH -> "waiting in lane high";
            case READY_NORMAL -> "waiting in lane normal";
            case READY_LOW -> "waiting in lane low";
            case PROCESSING -> "held by a worker, which runs it or is about to";
            case SCHEDULED -> "waiting for its time";
            case SUSPECTS -> "waiting for its trial";
            case PARKED -> "waiting for a worker that knows its type";
            case DEAD -> "among the dead letters";
        };
    }
}
