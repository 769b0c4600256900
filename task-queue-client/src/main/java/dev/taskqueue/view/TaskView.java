package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import java.util.Locale;
import java.util.Optional;

/** One task. What is not known of it is left out. */
public final class TaskView {

    private TaskView() {}

    /**
     * @param status what is known of the task
     * @param withQueue whether to name its queue
     * @return a new object
     */
    public static ObjectNode of(TaskStatus status, boolean withQueue) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", status.id());
        if (withQueue) {
            fields.put("queue", status.queue());
        }
        fields.put("type", status.type()).put("state", status.state().wireName());
        if (status.parked()) {
            fields.put("place", Place.PARKED.name().toLowerCase(Locale.ROOT));
        }
        fields.put("attempts", status.attempts());
        if (status.recoveries() > 0) {
            fields.put("recoveries", status.recoveries());
        }
        put(fields, "created_at", status.createdAt());
        put(fields, "started_at", status.startedAt());
        put(fields, "finished_at", status.finishedAt());
        put(fields, status.state() == TaskState.SCHEDULED ? "due_at" : "next_attempt_at", status.nextAttemptAt());
        put(fields, "worker", status.worker());
        put(fields, "cancel_reason", status.cancelReason());
        put(fields, "last_error", status.lastError());
        // As it is, to the last digit.
        status.result()
                .map(RawJson::parse)
                .ifPresent(result -> fields.putRawValue("result", new RawValue(result.toString())));
        put(fields, "result_error", status.resultError());
        return fields;
    }

    private static void put(ObjectNode fields, String name, Optional<?> value) {
        if (value.isPresent()) {
            fields.put(name, value.get().toString());
        }
    }

    /**
     * @param id the task's id
     * @param search where it was found; it has a place
     * @param withQueue whether to name its queue
     * @return a new object
     */
    public static ObjectNode of(String id, TaskSearch search, boolean withQueue) {
        Place place = search.place().orElseThrow();
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", id);
        if (withQueue) {
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
                        })
                .put("place", place.name().toLowerCase(Locale.ROOT));
        search.dueAt().ifPresent(at -> fields.put("due_at", at.toString()));
        search.worker().ifPresent(worker -> fields.put("worker", worker));
        search.reason().ifPresent(reason -> fields.put("reason", reason));
        return fields;
    }

    /**
     * @param entry an entry of a place; one that is no task has a {@code problem}
     * @param withQueue whether to name its queue
     * @return a new object, as of a status: what the entry tells of the task, with its place
     */
    public static ObjectNode of(TaskEntry entry, boolean withQueue) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", entry.id());
        if (withQueue) {
            fields.put("queue", entry.queue());
        }
        entry.type().ifPresent(type -> fields.put("type", type));
        fields.put("state", entry.state().wireName());
        entry.task().ifPresent(task -> {
            fields.put("attempts", task.retry());
            if (task.history().createdAtMillis() > 0) {
                fields.put("created_at", task.createdAt().toString());
            }
        });
        String due = entry.state() == TaskState.SCHEDULED ? "due_at" : "next_attempt_at";
        entry.dueAt().ifPresent(at -> fields.put(due, at.toString()));
        entry.worker().ifPresent(worker -> fields.put("worker", worker));
        entry.task().flatMap(Task::lastError).ifPresent(error -> fields.put("last_error", error));
        entry.problem().ifPresent(problem -> fields.put("problem", problem));
        return fields.put("place", entry.place().name().toLowerCase(Locale.ROOT))
                .put("position", entry.position());
    }

    /**
     * @param letter a dead letter that is a task
     * @return a new object, as of a status: what the letter tells of the task
     */
    static ObjectNode of(DeadLetter letter) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", letter.id());
        letter.type().ifPresent(type -> fields.put("type", type));
        fields.put("state", TaskState.DEAD.wireName()).put("place", "dead");
        letter.diedAt().ifPresent(at -> fields.put("finished_at", at.toString()));
        fields.put("reason", letter.reason());
        letter.lastError().ifPresent(error -> fields.put("last_error", error));
        return fields;
    }
}
