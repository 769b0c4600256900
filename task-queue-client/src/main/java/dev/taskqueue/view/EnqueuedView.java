package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.Enqueued;

/** What became of a task that was enqueued. */
public final class EnqueuedView {

    private EnqueuedView() {}

    /**
     * @param enqueued what became of it
     * @return a new object
     */
    public static ObjectNode of(Enqueued enqueued) {
        return JsonNodeFactory.instance.objectNode().put("id", enqueued.id()).put("accepted", enqueued.accepted());
    }
}
