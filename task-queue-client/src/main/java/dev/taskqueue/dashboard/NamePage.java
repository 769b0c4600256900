package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Function;

/** A page of what is sorted by its name: it begins behind the name that the page before ended with. */
final class NamePage {

    private NamePage() {}

    /**
     * @param field what the list is called
     * @param all sorted by name
     * @param listed how many, where the query does not say
     * @param most how many the query may ask for
     * @return the page, and where the next one begins
     */
    static <T> ObjectNode of(
            Parameters query,
            String field,
            List<T> all,
            Function<T, String> name,
            Function<T, JsonNode> view,
            int listed,
            int most) {
        String after = query.text("cursor").orElse("");
        int limit = query.number("limit", listed, 1, most);
        List<T> rest =
                all.stream().filter(one -> name.apply(one).compareTo(after) > 0).toList();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode some = body.putArray(field);
        rest.stream().limit(limit).map(view).forEach(some::add);
        if (rest.size() > limit) {
            body.put("next", name.apply(rest.get(limit - 1)));
        }
        return body;
    }
}
