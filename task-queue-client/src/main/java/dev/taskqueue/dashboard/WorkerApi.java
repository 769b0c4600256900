package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.view.WorkerView;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The workers of a queue, and having one claim nothing more. */
final class WorkerApi {

    private static final int LISTED = 100;
    private static final int MAX_LISTED = 500;

    private final Queues queues;
    private final Freshness freshness;

    /** By queue, of those that there are. */
    private final Map<String, Shared<List<WorkerInfo>>> workers = new ConcurrentHashMap<>();

    WorkerApi(Queues queues, Freshness freshness) {
        this.queues = queues;
        this.freshness = freshness;
    }

    /** The workers of a queue, as all viewers are shown them. */
    List<WorkerInfo> workers(RedisBroker queue) throws InterruptedException, IOException {
        return workers.computeIfAbsent(queue.queue(), name -> new Shared<>(freshness))
                .get(queue::workers);
    }

    Response list(Request request) throws InterruptedException, IOException {
        return Response.ok(NamePage.of(
                request.query(),
                "workers",
                workers(queues.named(request)),
                WorkerInfo::name,
                WorkerView::of,
                LISTED,
                MAX_LISTED));
    }

    Response quiet(Request request) throws IOException {
        return change(request, queues.named(request).quiet(request.path("worker")), true);
    }

    Response unquiet(Request request) throws IOException {
        return change(request, queues.named(request).unquiet(request.path("worker")), false);
    }

    private static Response change(Request request, boolean found, boolean quiet) throws IOException {
        request.body(Set.of());
        String worker = request.path("worker");
        if (!found) {
            throw Problem.notFound("there is no worker " + TaskLimits.quote(worker));
        }
        return Response.ok(
                JsonNodeFactory.instance.objectNode().put("name", worker).put("quiet", quiet));
    }
}
