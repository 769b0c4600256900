package dev.taskqueue.broker.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.internal.Json;
import dev.taskqueue.internal.JsonWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
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

    private static final byte[] HOST = JsonWriter.name("host");
    private static final byte[] PID = JsonWriter.name("pid");
    private static final byte[] STARTED_AT = JsonWriter.name("started_at");
    private static final byte[] THREADS = JsonWriter.name("threads");
    private static final byte[] BUSY = JsonWriter.name("busy");
    private static final byte[] VERSION = JsonWriter.name("version");
    private static final byte[] QUIET = JsonWriter.name("quiet");
    private static final byte[] BY = JsonWriter.name("by");
    private static final byte[] QUEUES = JsonWriter.name("queues");
    private static final byte[] TYPES = JsonWriter.name("types");
    private static final byte[] ALL_TYPES = JsonWriter.name("all_types");
    private static final byte[] RUNNING = JsonWriter.name("running");
    private static final byte[] ID = JsonWriter.name("id");
    private static final byte[] TYPE = JsonWriter.name("type");
    private static final byte[] SINCE = JsonWriter.name("since");
    private static final byte[] THREAD = JsonWriter.name("thread");
    private static final byte[] ABANDONED = JsonWriter.name("abandoned");

    private WorkerInfoCodec() {}

    static byte[] write(WorkerInfo.Details details) {
        List<byte[]> types = types(details.types());
        JsonWriter all = new JsonWriter(512)
                .field(HOST, details.host())
                .field(PID, details.pid())
                .field(STARTED_AT, details.startedAt().toEpochMilli())
                .field(THREADS, details.threads())
                .field(BUSY, details.busy());
        details.version().ifPresent(version -> all.field(VERSION, version));
        details.quiet().ifPresent(quiet -> all.json(QUIET, write(quiet)));
        return all.json(QUEUES, texts(details.queues()))
                .json(TYPES, JsonWriter.array(types))
                .field(
                        ALL_TYPES,
                        details.allTypes() && types.size() == details.types().size())
                .json(RUNNING, JsonWriter.array(running(details.running())))
                .toBytes();
    }

    private static byte[] write(WorkerInfo.Quiet quiet) {
        JsonWriter mark = new JsonWriter(64);
        quiet.by().ifPresent(by -> mark.field(BY, by));
        quiet.since().ifPresent(since -> mark.field(SINCE, since.toEpochMilli()));
        return mark.toBytes();
    }

    private static byte[] texts(List<String> texts) {
        return JsonWriter.array(texts.stream().map(JsonWriter::string).toList());
    }

    private static List<byte[]> types(Collection<String> types) {
        List<byte[]> written = new ArrayList<>();
        int room = MAX_TYPES_CHARS;
        for (String type : types) {
            room -= type.length();
            if (room < 0 || written.size() == MAX_LISTED) {
                break;
            }
            written.add(JsonWriter.string(type));
        }
        return written;
    }

    private static List<byte[]> running(List<WorkerInfo.Running> running) {
        List<byte[]> written = new ArrayList<>();
        int room = MAX_RUNNING_CHARS;
        for (WorkerInfo.Running task : running) {
            room -= task.id().length() + task.type().length() + task.thread().length() + RUNNING_CHARS;
            if (room < 0 || written.size() == MAX_LISTED) {
                break;
            }
            JsonWriter one = new JsonWriter(160)
                    .field(ID, task.id())
                    .field(TYPE, task.type())
                    .field(SINCE, task.since().toEpochMilli())
                    .field(THREAD, task.thread());
            written.add((task.abandoned() ? one.field(ABANDONED, true) : one).toBytes());
        }
        return written;
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
