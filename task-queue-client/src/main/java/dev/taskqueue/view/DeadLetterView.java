package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.DeadLetter;

/** One dead letter: what is known of it, the task as {@link TaskView} tells it, and the letter itself. */
public final class DeadLetterView {

    private DeadLetterView() {}

    /**
     * @param letter the letter
     * @return a new object
     */
    public static ObjectNode of(DeadLetter letter) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", letter.id());
        letter.type().ifPresent(type -> fields.put("type", type));
        fields.put("reason", letter.reason());
        letter.lastError().ifPresent(error -> fields.put("last_error", error));
        letter.diedAt().ifPresent(at -> fields.put("died_at", at.toString()));
        fields.put("retries", letter.retries()).put("retryable", letter.retryable());
        if (letter.retryable()) {
            fields.set("task", TaskView.of(letter));
        }
        fields.putRawValue("letter", new RawValue(letter.json().toString()));
        return fields;
    }

    /**
     * @param past what was done, such as {@code retried}
     * @param done to how many
     * @param matched how many were named or fitted the filter
     * @param notTasks how many of those are no tasks and stay for that
     * @param dryRun whether nothing was done
     * @return a new object
     */
    public static ObjectNode changed(String past, long done, long matched, long notTasks, boolean dryRun) {
        return JsonNodeFactory.instance
                .objectNode()
                .put(past, done)
                .put("matched", matched)
                .put("not_tasks", notTasks)
                .put("dry_run", dryRun);
    }
}
