package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.RawJson;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import java.util.Locale;
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
                Fields.print(connection.out(), fields(status.get(), several, json), json);
                return 0;
            }
            return search(broker, several);
        }
    }

    /** A task that was pushed bare has no status until it runs. */
    private int search(RedisBroker broker, boolean several) {
        TaskSearch search = broker.find(id, MAX_SEARCHED);
        if (search.place().isPresent()) {
            Fields.print(connection.out(), fields(search, search.place().get(), several), json);
            return 0;
        }
        connection
                .err()
                .println("client: task " + id + " has no status, and is not among the "
                        + (search.complete()
                                ? search.searched() + " entries of "
                                        + (several ? "the queues " + String.join(", ", broker.queues()) : "the queue")
                                : search.searched() + " entries looked at, the first " + MAX_SEARCHED
                                        + " of each place; the "
                                        + (several ? "queues hold" : "queue holds") + " more")
                        + ": it never existed, or ended and its status has expired");
        connection.err().flush();
        return 1;
    }

    private ObjectNode fields(TaskSearch search, Place place, boolean several) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", id);
        if (several) {
            search.queue().ifPresent(queue -> fields.put("queue", queue));
        }
        fields.put("type", search.type())
                .put(
                        "state",
                        switch (place) {
                            case PROCESSING -> "running";
                            case SCHEDULED -> "scheduled";
                            case DEAD -> "dead";
                            default -> "pending";
                        });
        fields.put("place", place(place, json));
        search.dueAt().ifPresent(at -> fields.put("due_at", at.toString()));
        search.worker().ifPresent(worker -> fields.put("worker", worker));
        search.reason().ifPresent(reason -> fields.put("reason", reason));
        return fields;
    }

    private static String place(Place place, boolean json) {
        return json ? place.name().toLowerCase(Locale.ROOT) : describe(place);
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

    private static ObjectNode fields(TaskStatus status, boolean several, boolean json) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", status.id());
        if (several) {
            fields.put("queue", status.queue());
        }
        fields.put("type", status.type()).put("state", status.state().wireName());
        if (status.parked()) {
            fields.put("place", place(Place.PARKED, json));
        }
        fields.put("attempts", status.attempts());
        if (status.recoveries() > 0) {
            fields.put("recoveries", status.recoveries());
        }
        status.createdAt().ifPresent(at -> fields.put("created_at", at.toString()));
        status.startedAt().ifPresent(at -> fields.put("started_at", at.toString()));
        status.finishedAt().ifPresent(at -> fields.put("finished_at", at.toString()));
        String due = status.state() == TaskState.SCHEDULED ? "due_at" : "next_attempt_at";
        status.nextAttemptAt().ifPresent(at -> fields.put(due, at.toString()));
        status.worker().ifPresent(worker -> fields.put("worker", worker));
        status.cancelReason().ifPresent(reason -> fields.put("cancel_reason", reason));
        status.lastError().ifPresent(error -> fields.put("last_error", error));
        status.result().map(RawJson::parse).ifPresent(result -> {
            // A program gets it as it is, to the last digit; a person gets the text of a string.
            if (json || result.stringValue().isEmpty()) {
                fields.putRawValue("result", new RawValue(result.toString()));
            } else {
                fields.put("result", result.stringValue().get());
            }
        });
        status.resultError().ifPresent(error -> fields.put("result_error", error));
        return fields;
    }
}
