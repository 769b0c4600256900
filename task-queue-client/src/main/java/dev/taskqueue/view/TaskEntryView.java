package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.TaskEntry;
import java.util.Locale;

/** A task in its place in a queue: what its status tells, as far as the entry does. */
public final class TaskEntryView {

    private TaskEntryView() {}

    /**
     * @param entry the entry
     * @return a new object, without its payload
     */
    public static ObjectNode of(TaskEntry entry) {
        ObjectNode fields =
                JsonNodeFactory.instance.objectNode().put("id", entry.id()).put("queue", entry.queue());
        entry.type().ifPresent(type -> fields.put("type", type));
        fields.put("state", entry.state().wireName())
                .put("place", entry.place().name().toLowerCase(Locale.ROOT))
                .put("position", entry.position());
        entry.task()
                .ifPresent(task -> fields.put("retry", task.retry())
                        .put("max_retries", task.maxRetries())
                        .put("priority", task.priority().wireName())
                        .put("created_at", task.createdAt().toString()));
        entry.dueAt().ifPresent(at -> fields.put("due_at", at.toString()));
        entry.worker().ifPresent(worker -> fields.put("worker", worker));
        entry.task().flatMap(task -> task.lastError()).ifPresent(error -> fields.put("last_error", error));
        entry.problem().ifPresent(problem -> fields.put("problem", problem));
        return fields;
    }
}
