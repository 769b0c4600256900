package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.WorkerInfo;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a page looks at each second, in one answer: the queues, how busy their workers are, and what is wrong. Whatever the
 * number of viewers, Redis is asked once a second, and not at all while nobody looks.
 */
final class LiveApi {

    private final Queues queues;
    private final QueueApi queueApi;
    private final WorkerApi workerApi;
    private final DoctorApi doctorApi;

    LiveApi(Queues queues, QueueApi queueApi, WorkerApi workerApi, DoctorApi doctorApi) {
        this.queues = queues;
        this.queueApi = queueApi;
        this.workerApi = workerApi;
        this.doctorApi = doctorApi;
    }

    Response show(Request request) throws InterruptedException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        List<ObjectNode> all = queueApi.snapshot();
        // One that serves several queues has its threads once.
        Map<String, Integer> threads = new HashMap<>();
        ArrayNode shown = body.putArray("queues");
        for (ObjectNode queue : all) {
            ObjectNode copy = queue.deepCopy();
            if (!queue.has("error")) {
                int ofQueue = 0;
                for (WorkerInfo worker :
                        workerApi.workers(queues.view(queue.path("queue").asText()))) {
                    int known = worker.silent()
                            ? 0
                            : worker.details().map(WorkerInfo.Details::threads).orElse(0);
                    ofQueue += known;
                    threads.put(worker.name(), known);
                }
                copy.put("threads", ofQueue);
            }
            shown.add(copy);
        }
        body.put(
                "threads", threads.values().stream().mapToInt(Integer::intValue).sum());
        doctorApi.put(body);
        return Response.ok(body.put("at", Instant.now().toString()));
    }
}
