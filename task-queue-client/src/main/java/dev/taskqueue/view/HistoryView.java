package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.FinishedTask;
import dev.taskqueue.HistoryMinute;
import dev.taskqueue.TaskState;

/** What became of tasks: how many, minute by minute, and the latest ones. */
public final class HistoryView {

    private HistoryView() {}

    /**
     * @param queue the queue's name
     * @param minute the minute
     * @param byType whether to tell types apart too
     * @return a new object
     */
    public static ObjectNode of(String queue, HistoryMinute minute, boolean byType) {
        ObjectNode fields = JsonNodeFactory.instance
                .objectNode()
                .put("minute", minute.minute().toString())
                .put("queue", queue);
        ObjectNode totals = fields.putObject("totals");
        for (TaskState state : TaskState.values()) {
            if (minute.total(state) > 0) {
                totals.put(state.wireName(), minute.total(state));
            }
        }
        if (byType) {
            ObjectNode types = fields.putObject("counts");
            minute.counts().forEach((type, states) -> {
                ObjectNode counts = types.putObject(type);
                states.forEach((state, count) -> counts.put(state.wireName(), count));
            });
        }
        return fields;
    }

    /**
     * @param task a task that has ended
     * @return a new object, as of a status: what is kept of it
     */
    public static ObjectNode of(FinishedTask task) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", task.id())
                .put("type", task.type())
                .put("state", task.state().wireName())
                .put("finished_at", task.finishedAt().toString());
    }
}
