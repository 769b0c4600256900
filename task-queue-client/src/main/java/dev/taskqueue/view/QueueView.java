package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.PauseResult;
import dev.taskqueue.QueuePause;
import dev.taskqueue.QueueStats;

/** One queue: how much lies in each of its places, and its pause. */
public final class QueueView {

    private QueueView() {}

    /**
     * @param stats the counts
     * @return a new object
     */
    public static ObjectNode of(QueueStats stats) {
        ObjectNode fields = JsonNodeFactory.instance
                .objectNode()
                .put("queue", stats.queue())
                .put("ready", stats.ready())
                .put("ready_high", stats.high())
                .put("ready_normal", stats.normal())
                .put("ready_low", stats.low())
                .put("processing", stats.processing())
                .put("scheduled", stats.scheduled())
                .put("suspects", stats.suspects())
                .put("parked", stats.parked())
                .put("dead", stats.dead())
                .put("workers", stats.workers())
                .put("overdue", stats.overdue());
        stats.oldestReady().ifPresent(since -> fields.put("oldest_ready", since.toString()));
        stats.nextDue().ifPresent(due -> fields.put("next_due", due.toString()));
        if (stats.pause().isPresent()) {
            addPause(fields, stats.pause().get());
        } else {
            fields.put("paused", false);
        }
        return fields;
    }

    /**
     * @param queue the queue's name
     * @param result what became of the call that paused it
     * @return a new object
     */
    public static ObjectNode of(String queue, PauseResult result) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("queue", queue);
        addPause(fields, result.pause());
        fields.put("acknowledged", result.isAcknowledged());
        ArrayNode missing = fields.putArray("unacknowledged");
        result.unacknowledged().forEach(missing::add);
        return fields;
    }

    /**
     * @param queue the queue's name
     * @param wasPaused whether it was paused before
     * @return a new object
     */
    public static ObjectNode resumed(String queue, boolean wasPaused) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("queue", queue)
                .put("paused", false)
                .put("was_paused", wasPaused);
    }

    /** What a pause does not tell is left out. */
    private static void addPause(ObjectNode fields, QueuePause pause) {
        fields.put("paused", true);
        pause.by().ifPresent(by -> fields.put("paused_by", by));
        pause.reason().ifPresent(reason -> fields.put("paused_reason", reason));
        pause.since().ifPresent(since -> fields.put("paused_since", since.toString()));
        pause.until().ifPresent(until -> fields.put("paused_until", until.toString()));
    }
}
