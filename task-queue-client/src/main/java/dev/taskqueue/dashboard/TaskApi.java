package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.Cancellation;
import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.view.CancellationView;
import dev.taskqueue.view.EnqueuedView;
import dev.taskqueue.view.TaskView;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** One task: what is known of it, a new one, and its end. */
final class TaskApi {

    static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    /** In each place of each queue, for a task that has no status. */
    static final int MAX_SEARCHED = 10_000;

    private final Queues queues;
    private final Semaphore waiters;

    /**
     * @param maxWaiters how many may wait for a task at once; each holds a thread
     */
    TaskApi(Queues queues, int maxWaiters) {
        this.queues = queues;
        this.waiters = new Semaphore(maxWaiters);
    }

    Response show(Request request) throws InterruptedException {
        RedisBroker broker = queues.anyOrNamed(request);
        String id = id(request);
        Optional<Duration> wait = request.query().duration("wait", LONGEST_WAIT);
        Optional<TaskStatus> status = wait.isPresent() ? await(broker, id, wait.get()) : broker.status(id);
        if (status.isPresent()) {
            return Response.ok(TaskView.of(status.get(), queues.areSeveral()));
        }
        TaskSearch search = broker.find(id, MAX_SEARCHED);
        if (search.place().isPresent()) {
            return Response.ok(TaskView.of(id, search, queues.areSeveral()));
        }
        throw Problem.notFound("task " + TaskLimits.quote(id) + " has no status, and is not among the "
                + search.searched() + " entries looked at"
                + (search.complete() ? "" : ", the first " + MAX_SEARCHED + " of each place; there are more")
                + ": it never existed, or ended and its status has expired");
    }

    private Optional<TaskStatus> await(RedisBroker broker, String id, Duration atMost) throws InterruptedException {
        if (!waiters.tryAcquire()) {
            throw Problem.busy("too many wait for tasks; ask again without wait");
        }
        try {
            Optional<TaskStatus> ended = broker.await(id, atMost);
            return ended.isPresent() ? ended : broker.status(id);
        } catch (IllegalStateException e) {
            throw Problem.invalid("wait", "nothing can be waited for: " + e.getMessage());
        } finally {
            waiters.release();
        }
    }

    Response enqueue(Request request) throws IOException {
        Task task = queues.broker().parse(request.json().toString());
        RedisBroker broker = queues.anyOrNamed(request);
        RawJson queue = task.extraFields().get("queue");
        if (queue != null) {
            broker = queues.view(
                    queue.stringValue().orElseThrow(() -> Problem.invalid("queue", "queue must be a string")));
            Map<String, RawJson> others = new LinkedHashMap<>(task.extraFields());
            others.remove("queue");
            task = task.withExtraFields(others);
        }
        request.note("id=" + Audit.plain(task.id()) + " type=" + Audit.plain(task.type()));
        Enqueued enqueued = broker.enqueue(task);
        ObjectNode body = EnqueuedView.of(enqueued);
        return Response.json(enqueued.accepted() ? 201 : 200, body)
                .withHeader("Location", request.base() + "/api/tasks/" + escaped(enqueued.id()));
    }

    private static String escaped(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    Response cancel(Request request) throws IOException {
        RedisBroker broker = queues.anyOrNamed(request);
        String id = id(request);
        String reason = request.body(Set.of("reason")).text("reason").orElse("");
        Cancellation found = broker.cancel(id, reason);
        request.note("reason=" + Audit.plain(reason) + " found=" + CancellationView.wireName(found));
        return Response.ok(CancellationView.of(id, found));
    }

    /** An id that no task can have is not looked for. */
    static String id(Request request) {
        String id = request.path("id");
        try {
            TaskLimits.checkName("id", id, TaskLimits.ID_LENGTH);
        } catch (InvalidTaskException e) {
            throw Problem.notFound("no task can have that id: " + e.getMessage());
        }
        return id;
    }
}
