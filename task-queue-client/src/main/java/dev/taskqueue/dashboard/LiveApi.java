package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.WorkerInfo;
import java.io.IOException;
import java.util.HashMap;
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

    Response show(Request request) throws InterruptedException, IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        QueueApi.Snapshot snapshot = queueApi.snapshot();
        // One that serves several queues has its threads once.
        Map<String, Integer> threads = new HashMap<>();
        ArrayNode shown = body.putArray("queues");
        for (ObjectNode queue : snapshot.all()) {
            shown.add(queue.has("error") ? queue : withThreads(queue, threads));
        }
        body.put(
                "threads", threads.values().stream().mapToInt(Integer::intValue).sum());
        doctorApi.put(body);
        return Response.ok(body.put("at", snapshot.at().toString()));
    }

    private ObjectNode withThreads(ObjectNode queue, Map<String, Integer> byWorker)
            throws InterruptedException, IOException {
        ObjectNode copy = queue.deepCopy();
        String name = queue.path("queue").asText();
        try {
            int sum = 0;
            for (WorkerInfo worker : workerApi.workers(queues.view(name))) {
                int threads = threads(worker);
                sum += threads;
                // In one of its queues it may be silent, as where a node of a cluster is away.
                byWorker.merge(worker.name(), threads, Math::max);
            }
            return copy.put("threads", sum);
        } catch (BrokerUnavailableException e) {
            // Its node went away since it was asked how the queue is: the others are told all the same.
            return copy.put("error", e.getMessage());
        }
    }

    /** Those of a silent one run nothing that is known of; those of a quiet one run what they have. */
    private static int threads(WorkerInfo worker) {
        return worker.silent()
                ? 0
                : worker.details().map(WorkerInfo.Details::threads).orElse(0);
    }
}
