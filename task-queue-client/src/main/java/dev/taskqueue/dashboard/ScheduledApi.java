package dev.taskqueue.dashboard;

import dev.taskqueue.TaskEntry;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.view.RunNowView;
import java.io.IOException;
import java.util.List;
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
        TaskEntry entry = queues.find(request, id)
                .orElseThrow(() ->
                        Problem.notFound("task " + TaskLimits.quote(id) + " waits in no place that was looked at"));
        boolean ready =
                !queues.view(entry.queue()).tasks().runNow(List.of(entry)).isEmpty();
        request.note("ready=" + ready);
        return Response.ok(RunNowView.of(id, entry.queue(), ready));
    }
}
