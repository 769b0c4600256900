package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.Finding;

/** One thing that {@code doctor} has found. */
public final class FindingView {

    private FindingView() {}

    /**
     * @param finding the finding
     * @return a new object
     */
    public static ObjectNode of(Finding finding) {
        ObjectNode fields = JsonNodeFactory.instance
                .objectNode()
                .put("severity", finding.severity().wireName())
                .put("code", finding.code().wireName());
        finding.queue().ifPresent(queue -> fields.put("queue", queue));
        return fields.put("what", finding.what())
                .put("meaning", finding.meaning())
                .put("todo", finding.todo());
    }
}
