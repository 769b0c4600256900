package dev.taskqueue.broker.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.internal.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What a worker says of itself as JSON. What it writes is bounded; what it reads may be anything. */
final class WorkerInfoCodec {

    /** Longer ones are not read. */
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_LISTED = 1_000;
    private static final int MAX_TYPES_CHARS = 32 << 10;
    private static final int MAX_RUNNING_CHARS = 128 << 10;

    /** What a running task takes beside its id, type and thread. */
    private static final int RUNNING_CHARS = 80;

    private static final int MAX_TEXT = 256;

    private WorkerInfoCodec() {}

    static byte[] write(WorkerInfo.Details details) {
        ObjectNode all = JsonNodeFactory.instance
                .objectNode()
                .put("host", details.host())
                .put("pid", details.pid())
                .put("started_at", details.startedAt().toEpochMilli())
                .put("threads", details.threads())
                .put("busy", details.busy());
        details.version().ifPresent(version -> all.put("version", version));
        details.quiet().ifPresent(quiet -> {
            ObjectNode mark = all.putObject("quiet");
            quiet.by().ifPresent(by -> mark.put("by", by));
            quiet.since().ifPresent(since -> mark.put("since", since.toEpochMilli()));
        });
        ArrayNode queues = all.putArray("queues");
        details.queues().forEach(queues::add);
        ArrayNode types = all.putArray("types");
        int room = MAX_TYPES_CHARS;
        for (String type : details.types()) {
            room -= type.length();
            if (room < 0 || types.size() == MAX_LISTED) {
                break;
            }
            types.add(type);
        }
        all.put(
                "all_types",
                details.allTypes() && types.size() == details.types().size());
        addRunning(all.putArray("running"), details.running());
        return Json.write(all, Json.mapper());
    }

    private static void addRunning(ArrayNode array, List<WorkerInfo.Running> running) {
        int room = MAX_RUNNING_CHARS;
        for (WorkerInfo.Running task : running) {
            room -= task.id().length() + task.type().length() + task.thread().length() + RUNNING_CHARS;
            if (room < 0 || array.size() == MAX_LISTED) {
                return;
            }
            ObjectNode one = array.addObject()
                    .put("id", task.id())
                    .put("type", task.type())
                    .put("since", task.since().toEpochMilli())
                    .put("thread", task.thread());
            if (task.abandoned()) {
                one.put("abandoned", true);
            }
        }
    }

    /** Reads what stands there; empty where that was not written by a worker. */
    static Optional<WorkerInfo.Details> read(byte[] bytes) {
        try {
            JsonNode all = Json.mapper().readTree(bytes);
            if (all == null
                    || !all.path("host").isTextual()
                    || !all.path("types").isArray()
                    || !all.path("threads").canConvertToInt()) {
                return Optional.empty();
            }
            return Optional.of(new WorkerInfo.Details(
                    text(all, "host"),
                    all.path("pid").asLong(),
                    Optional.of(text(all, "version")).filter(version -> !version.isEmpty()),
                    time(all, "started_at").orElse(Instant.EPOCH),
                    all.path("threads").asInt(),
                    list(all.path("queues"), node -> plain(node.asText())),
                    list(all.path("types"), node -> plain(node.asText())),
                    all.path("all_types").asBoolean(),
                    all.path("busy").asInt(),
                    list(all.path("running"), WorkerInfoCodec::running),
                    all.path("quiet").isObject() ? Optional.of(quiet(all.path("quiet"))) : Optional.empty()));
        } catch (IOException e) {
            // Of another program.
            return Optional.empty();
        }
    }

    private static WorkerInfo.Running running(JsonNode one) {
        return new WorkerInfo.Running(
                text(one, "id"),
                text(one, "type"),
                time(one, "since").orElse(Instant.EPOCH),
                text(one, "thread"),
                one.path("abandoned").asBoolean());
    }

    /** Reads the mark of a quiet worker, whatever stands there. */
    static WorkerInfo.Quiet readQuiet(byte[] mark) {
        try {
            JsonNode fields = Json.mapper().readTree(Bytes.text(mark));
            if (fields != null) {
                return quiet(fields);
            }
        } catch (JsonProcessingException e) {
            // Of another program.
        }
        return new WorkerInfo.Quiet(Optional.empty(), Optional.empty());
    }

    private static WorkerInfo.Quiet quiet(JsonNode fields) {
        return new WorkerInfo.Quiet(Optional.of(text(fields, "by")).filter(by -> !by.isEmpty()), time(fields, "since"));
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> read) {
        List<T> all = new ArrayList<>();
        for (JsonNode one : array) {
            if (all.size() == MAX_LISTED) {
                break;
            }
            all.add(read.apply(one));
        }
        return all;
    }

    private static String text(JsonNode fields, String name) {
        return plain(fields.path(name).asText(""));
    }

    private static String plain(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    private static Optional<Instant> time(JsonNode fields, String name) {
        return fields.path(name).canConvertToLong()
                ? Optional.of(Instant.ofEpochMilli(fields.path(name).longValue()))
                : Optional.empty();
    }
}
