package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What waits for its time, and need not. */
final class ScheduledApi {

    private final Queues queues;

    ScheduledApi(Queues queues) {
        this.queues = queues;
    }

    Response run(Request request) throws IOException {
        request.body(Set.of());
        String id = TaskApi.id(request);
        RedisBroker broker = queues.anyOrNamed(request);
        List<String> names = request.query().text("queue").map(List::of).orElse(broker.queues());
        for (String name : names) {
            RedisBroker queue = queues.view(name);
            Optional<TaskEntry> entry = queue.tasks().find(id);
            if (entry.isPresent()) {
                boolean ready = !queue.tasks().runNow(List.of(entry.get())).isEmpty();
                request.note("ready=" + ready);
                return Response.ok(JsonNodeFactory.instance
                        .objectNode()
                        .put("id", id)
                        .put("queue", name)
                        .put("ready", ready));
            }
        }
        throw Problem.notFound("task " + TaskLimits.quote(id) + " waits in no place that was looked at");
    }
}
