package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.Cancellation;
import java.util.Locale;

/** What was found of a task that was to be cancelled. */
public final class CancellationView {

    private CancellationView() {}

    /**
     * @param id the task's id
     * @param found what was found
     * @return a new object
     */
    public static ObjectNode of(String id, Cancellation found) {
        return JsonNodeFactory.instance.objectNode().put("id", id).put("cancellation", wireName(found));
    }

    /**
     * @param found what was found
     * @return its name, such as {@code already_ended}
     */
    public static String wireName(Cancellation found) {
        return found.name().toLowerCase(Locale.ROOT);
    }
}
