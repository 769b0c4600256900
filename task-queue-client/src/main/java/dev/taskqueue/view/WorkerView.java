package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.WorkerInfo.Details;
import dev.taskqueue.WorkerInfo.Quiet;
import dev.taskqueue.WorkerInfo.Running;

/** One worker of a queue. What it has not said of itself is left out. */
public final class WorkerView {

    private WorkerView() {}

    /**
     * @param worker the worker
     * @return a new object
     */
    public static ObjectNode of(WorkerInfo worker) {
        ObjectNode fields = JsonNodeFactory.instance
                .objectNode()
                .put("name", worker.name())
                .put("queue", worker.queue())
                .put("as_of", worker.asOf().toString())
                .put("last_beat", worker.lastBeat().toString())
                .put("silent", worker.silent())
                .put("held", worker.held());
        worker.recoveredIn().ifPresent(time -> fields.put("recovered_in_ms", time.toMillis()));
        fields.put("quiet", worker.quiet().isPresent());
        worker.quiet().ifPresent(quiet -> addQuiet(fields, quiet));
        worker.details().ifPresent(details -> addDetails(fields, details));
        worker.problem().ifPresent(problem -> fields.put("problem", problem));
        return fields;
    }

    private static void addQuiet(ObjectNode fields, Quiet quiet) {
        quiet.by().ifPresent(by -> fields.put("quiet_by", by));
        quiet.since().ifPresent(since -> fields.put("quiet_since", since.toString()));
    }

    private static void addDetails(ObjectNode fields, Details details) {
        fields.put("host", details.host()).put("pid", details.pid());
        details.version().ifPresent(version -> fields.put("version", version));
        fields.put("started_at", details.startedAt().toString())
                .put("threads", details.threads())
                .put("busy", details.busy());
        ArrayNode queues = fields.putArray("queues");
        details.queues().forEach(queues::add);
        ArrayNode types = fields.putArray("types");
        details.types().forEach(types::add);
        fields.put("all_types", details.allTypes());
        ArrayNode running = fields.putArray("running");
        details.running().forEach(task -> running.add(of(task)));
    }

    private static ObjectNode of(Running task) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", task.id())
                .put("type", task.type())
                .put("since", task.since().toString())
                .put("thread", task.thread())
                .put("abandoned", task.abandoned());
    }
}
