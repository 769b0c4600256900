package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.Explanation;
import java.util.Locale;

/** Why a task is where it is. */
public final class ExplanationView {

    private ExplanationView() {}

    /**
     * @param explanation why
     * @return a new object
     */
    public static ObjectNode of(Explanation explanation) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", explanation.id());
        explanation.queue().ifPresent(queue -> fields.put("queue", queue));
        explanation.type().ifPresent(type -> fields.put("type", type));
        explanation.state().ifPresent(state -> fields.put("state", state.wireName()));
        explanation.place().ifPresent(place -> fields.put("place", place.name().toLowerCase(Locale.ROOT)));
        ArrayNode reasons = fields.putArray("reasons");
        explanation.reasons().forEach(reason -> {
            ObjectNode one =
                    reasons.addObject().put("code", reason.code().wireName()).put("text", reason.text());
            if (!reason.remedy().isEmpty()) {
                one.put("remedy", reason.remedy());
            }
        });
        return fields;
    }
}
