package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What became of a task that was to run before its time. */
public final class RunNowView {

    private RunNowView() {}

    /**
     * @param id the task's id
     * @param queue the queue that it is in
     * @param ready whether it was scheduled, and is ready now
     * @return a new object
     */
    public static ObjectNode of(String id, String queue, boolean ready) {
        return unknown(id).put("queue", queue).put("ready", ready);
    }

    /**
     * @param id an id of which nothing was found
     * @return a new object
     */
    public static ObjectNode unknown(String id) {
        return JsonNodeFactory.instance.objectNode().put("id", id).put("ready", false);
    }
}
