package dev.taskqueue.dashboard;

import dev.taskqueue.TaskEntry;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.view.RunNowView;
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
                return Response.ok(RunNowView.of(id, name, ready));
            }
        }
        throw Problem.notFound("task " + TaskLimits.quote(id) + " waits in no place that was looked at");
    }
}
