package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.WireValues.integer;
import static dev.taskqueue.broker.internal.WireValues.text;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskHistory;
import dev.taskqueue.TaskOptions;
import dev.taskqueue.internal.JsonWriter;
import dev.taskqueue.internal.TaskLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Between tasks and their bytes in Redis. The payload and the fields that are not known go from one text into the next as
 * they are; only the fields of the envelope are converted. Either way the same two limits hold, size and depth.
 */
final class TaskCodec {

    /**
     * What an accepted task may grow by in its life: its last error, its stack, its id. They have at most some 6,000
     * characters of at most 6 bytes.
     */
    private static final int GROWTH_BYTES = 40 << 10;

    private static final byte[] ID = JsonWriter.name("id");
    private static final byte[] TYPE = JsonWriter.name("type");
    private static final byte[] PAYLOAD = JsonWriter.name("payload");
    private static final byte[] RETRY = JsonWriter.name("retry");
    private static final byte[] MAX_RETRIES = JsonWriter.name("max_retries");
    private static final byte[] IDEMPOTENCY_KEY = JsonWriter.name("idempotency_key");
    private static final byte[] PRIORITY = JsonWriter.name("priority");
    private static final byte[] CREATED_AT = JsonWriter.name("created_at");
    private static final byte[] TIMEOUT_MS = JsonWriter.name("timeout_ms");
    private static final byte[] RUN_AT = JsonWriter.name("run_at");
    private static final byte[] EXPIRES_AT = JsonWriter.name("expires_at");
    private static final byte[] UNIQUE = JsonWriter.name("unique");
    private static final byte[] LAST_ERROR = JsonWriter.name("last_error");

    private final int maxBytes;
    private final int defaultMaxRetries;

    /** With the library's own default for entries that do not say how often they are retried. */
    TaskCodec(int maxBytes) {
        this(maxBytes, TaskOptions.DEFAULT_MAX_RETRIES);
    }

    /**
     * @param defaultMaxRetries what an entry without {@code max_retries} gets
     */
    TaskCodec(int maxBytes, int defaultMaxRetries) {
        this.maxBytes = maxBytes;
        this.defaultMaxRetries = defaultMaxRetries;
    }

    int defaultMaxRetries() {
        return defaultMaxRetries;
    }

    /** How long an entry may be to be read: an accepted task, grown. In bytes. */
    int maxEntryBytes() {
        return maxBytes + GROWTH_BYTES;
    }

    /**
     * @throws InvalidTaskException if the task is larger than allowed
     */
    byte[] encode(Task task) {
        byte[] bytes = write(task);
        if (bytes.length > maxBytes) {
            throw new InvalidTaskException("task " + task.id() + " is " + bytes.length + " bytes as JSON; at most "
                    + maxBytes + " are allowed");
        }
        return bytes;
    }

    /** Like {@link #encode}, of any size: a task that was once accepted may grow by its last error. */
    byte[] write(Task task) {
        JsonWriter json = new JsonWriter(capacity(task))
                .field(ID, task.id())
                .field(TYPE, task.type())
                .field(PAYLOAD, task.payload())
                .field(RETRY, task.retry())
                .field(MAX_RETRIES, task.maxRetries());
        TaskOptions options = task.options();
        if (options.idempotencyKey() != null) {
            json.field(IDEMPOTENCY_KEY, options.idempotencyKey());
        }
        if (options.priority() != Priority.NORMAL) {
            json.field(PRIORITY, options.priority().wireName());
        }
        json.field(CREATED_AT, task.history().createdAtMillis());
        if (options.timeout() != null) {
            json.field(TIMEOUT_MS, options.timeout().toMillis());
        }
        if (options.runAt() != null) {
            json.field(RUN_AT, options.runAt().toEpochMilli());
        }
        if (options.expiresAt() != null) {
            json.field(EXPIRES_AT, options.expiresAt().toEpochMilli());
        }
        if (options.unique() != null) {
            json.field(UNIQUE, UniqueCodec.write(options.unique()));
        }
        if (task.history().lastError() != null) {
            json.field(LAST_ERROR, task.history().lastError());
        }
        for (Map.Entry<String, RawJson> field : task.extraFields().entrySet()) {
            json.field(field.getKey(), field.getValue());
        }
        return json.toBytes();
    }

    /** How the text of a task begins: whatever follows can follow the id of another one. */
    static byte[] head(String id) {
        byte[] object =
                new JsonWriter(ID.length + id.length() + 4).field(ID, id).toBytes();
        return Arrays.copyOf(object, object.length - 1);
    }

    private static int capacity(Task task) {
        int capacity = 160 + task.payload().size();
        for (RawJson value : task.extraFields().values()) {
            capacity += value.size();
        }
        return capacity;
    }

    /** What bytes say: a task, and whether its id and its time of creation are its own or were given to it here. */
    record Decoded(Task task, boolean ownId, boolean dated) {}

    /**
     * @param raw the bytes, not to be changed afterwards: the payload is a part of them
     * @param now the time that a task without {@code created_at} gets, in ms
     * @throws MalformedTaskException if the bytes are no task
     */
    Decoded decode(byte[] raw, long now) throws MalformedTaskException {
        if (raw.length > maxEntryBytes()) {
            throw new MalformedTaskException(
                    "the entry is " + raw.length + " bytes long; at most " + maxBytes + " are allowed", null);
        }
        Fields fields = new Fields();
        try {
            RawJson.readMembers(raw, fields::set);
        } catch (InvalidTaskException e) {
            throw new MalformedTaskException("the entry is " + e.getMessage(), e);
        }
        try {
            return fields.toTask(now, defaultMaxRetries);
        } catch (InvalidTaskException e) {
            throw new MalformedTaskException(e.getMessage(), e);
        }
    }

    /**
     * Like {@link #decode}, of text.
     *
     * @throws InvalidTaskException if it is no task
     */
    Task parse(String json, long now) {
        byte[] utf8 = Bytes.bytes(json);
        if (!Bytes.text(utf8).equals(json)) {
            throw new InvalidTaskException(
                    "the entry holds half a surrogate pair, which UTF-8 has no bytes for: escape it");
        }
        try {
            return decode(utf8, now).task();
        } catch (MalformedTaskException e) {
            throw new InvalidTaskException(e.getMessage(), e);
        }
    }

    /** The fields of one entry as they stand there; of those that come twice, the last. */
    private static final class Fields {

        private RawJson id = RawJson.NULL;
        private RawJson type = RawJson.NULL;
        private RawJson payload = RawJson.NULL;
        private RawJson retry = RawJson.NULL;
        private RawJson maxRetries = RawJson.NULL;
        private RawJson idempotencyKey = RawJson.NULL;
        private RawJson priority = RawJson.NULL;
        private RawJson createdAt = RawJson.NULL;
        private RawJson timeout = RawJson.NULL;
        private RawJson runAt = RawJson.NULL;
        private RawJson expiresAt = RawJson.NULL;
        private RawJson unique = RawJson.NULL;
        private RawJson lastError = RawJson.NULL;
        private Map<String, RawJson> unknown = Map.of();

        void set(String name, RawJson value) {
            switch (name) {
                case "id" -> id = value;
                case "type" -> type = value;
                case "payload" -> payload = value;
                case "retry" -> retry = value;
                case "max_retries" -> maxRetries = value;
                case "idempotency_key" -> idempotencyKey = value;
                case "priority" -> priority = value;
                case "created_at" -> createdAt = value;
                case "timeout_ms" -> timeout = value;
                case "run_at" -> runAt = value;
                case "expires_at" -> expiresAt = value;
                case "unique" -> unique = value;
                case "last_error" -> lastError = value;
                default -> {
                    unknown = unknown.isEmpty() ? new LinkedHashMap<>() : unknown;
                    unknown.put(name, value);
                }
            }
        }

        Decoded toTask(long now, int defaultMaxRetries) {
            Task task = new Task(
                    id.isNull() ? Task.newId() : text("id", id),
                    type.isNull() ? null : text("type", type),
                    payload,
                    options(defaultMaxRetries),
                    new TaskHistory(
                            createdAt.isNull() ? now : integer("created_at", createdAt),
                            retry.isNull() ? 0 : toInt("retry", retry),
                            lastError.isNull() ? null : text("last_error", lastError)),
                    unknown);
            return new Decoded(task, !id.isNull(), !createdAt.isNull());
        }

        private TaskOptions options(int defaultMaxRetries) {
            if (maxRetries.isNull()
                    && priority.isNull()
                    && idempotencyKey.isNull()
                    && timeout.isNull()
                    && runAt.isNull()
                    && expiresAt.isNull()
                    && unique.isNull()) {
                return defaultMaxRetries == TaskOptions.DEFAULT_MAX_RETRIES
                        ? TaskOptions.DEFAULT
                        : TaskOptions.DEFAULT.withMaxRetries(defaultMaxRetries);
            }
            return new TaskOptions(
                    maxRetries.isNull() ? defaultMaxRetries : toInt("max_retries", maxRetries),
                    priority.isNull() ? Priority.NORMAL : Priority.ofWireName(text("priority", priority)),
                    idempotencyKey.isNull() ? null : text("idempotency_key", idempotencyKey),
                    timeout.isNull() ? null : Duration.ofMillis(integer("timeout_ms", timeout)),
                    runAt.isNull() ? null : time("run_at", runAt),
                    expiresAt.isNull() ? null : time("expires_at", expiresAt),
                    unique.isNull() ? null : UniqueCodec.read(unique));
        }
    }

    private static Instant time(String field, RawJson value) {
        long millis = integer(field, value);
        TaskLimits.checkRange(field, millis, 0, TaskLimits.MAX_TIME_MILLIS);
        return Instant.ofEpochMilli(millis);
    }

    private static int toInt(String field, RawJson value) {
        long number = integer(field, value);
        if (number != (int) number) {
            throw new InvalidTaskException(field + " is " + number + "; it must be an integer of 32 bits");
        }
        return (int) number;
    }
}
