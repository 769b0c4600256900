package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.HistoryView;
import java.time.Duration;

/** What became of tasks. */
final class HistoryApi {

    private static final Duration LONGEST = Duration.ofHours(48);

    /** Of each minute up to 200 types are told. */
    private static final Duration LONGEST_BY_TYPE = Duration.ofHours(3);

    private static final int LISTED = 100;
    private static final int MAX_LISTED = 1_000;

    private final Queues queues;

    HistoryApi(Queues queues) {
        this.queues = queues;
    }

    Response minutes(Request request) {
        String types = request.query().text("types").orElse("false");
        if (!types.equals("true") && !types.equals("false")) {
            throw Problem.invalid("types", "types must be true or false");
        }
        boolean byType = types.equals("true");
        Duration back = request.query()
                .duration("for", byType ? LONGEST_BY_TYPE : LONGEST)
                .filter(duration -> !duration.isZero())
                .orElse(Duration.ofHours(1));
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode minutes = body.putArray("minutes");
        RedisBroker queue = queues.named(request);
        queue.history(back).forEach(minute -> minutes.add(HistoryView.of(queue.queue(), minute, byType)));
        return Response.ok(body);
    }

    Response recent(Request request) {
        int limit = request.query().number("limit", LISTED, 1, MAX_LISTED);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode tasks = body.putArray("tasks");
        queues.named(request).recent(limit).forEach(task -> tasks.add(HistoryView.of(task)));
        return Response.ok(body);
    }
}
