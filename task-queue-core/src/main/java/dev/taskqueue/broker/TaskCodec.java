package dev.taskqueue.broker;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Between tasks and their bytes in Redis. Numbers keep every digit, unknown fields are kept, depth and size are bounded. */
final class TaskCodec {

    /** What an accepted task may grow by in its life: its last error, its id. */
    private static final int GROWTH_BYTES = 16 << 10;

    private final int maxBytes;

    TaskCodec(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** How long an entry may be to be read: an accepted task, grown. In bytes. */
    int maxEntryBytes() {
        return maxBytes + GROWTH_BYTES;
    }

    /**
     * @throws InvalidTaskException if the task is larger than allowed or cannot be written
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
        try {
            return JsonBytes.write(json -> writeFields(task, json));
        } catch (IOException e) {
            throw new InvalidTaskException("task " + task.id() + " cannot be written as JSON: " + reason(e), e);
        }
    }

    private static void writeFields(Task task, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", task.id());
        json.writeStringField("type", task.type());
        json.writeFieldName("payload");
        json.writeTree(task.payload());
        json.writeNumberField("retry", task.retry());
        json.writeNumberField("max_retries", task.maxRetries());
        if (task.idempotencyKey().isPresent()) {
            json.writeStringField("idempotency_key", task.idempotencyKey().get());
        }
        if (task.priority() != Priority.NORMAL) {
            json.writeStringField("priority", task.priority().wireName());
        }
        json.writeNumberField("created_at", task.createdAt());
        if (task.timeout().isPresent()) {
            json.writeNumberField("timeout_ms", task.timeout().get().toMillis());
        }
        if (task.lastError().isPresent()) {
            json.writeStringField("last_error", task.lastError().get());
        }
        for (Map.Entry<String, JsonNode> field : task.unknownFields().entrySet()) {
            json.writeFieldName(field.getKey());
            json.writeTree(field.getValue());
        }
        json.writeEndObject();
    }

    /** What bytes say: a task, and whether its id and its time of creation are its own or were given to it here. */
    record Decoded(Task task, boolean ownId, boolean dated) {}

    /**
     * @param now the time that a task without {@code created_at} gets, in ms
     * @throws MalformedTaskException if the bytes are no task
     */
    Decoded decode(byte[] raw, long now) throws MalformedTaskException {
        if (raw.length > maxEntryBytes()) {
            throw new MalformedTaskException(
                    "the entry is " + raw.length + " bytes long; at most " + maxBytes + " are allowed", null);
        }
        JsonNode root;
        try {
            root = JsonBytes.read(raw);
        } catch (JsonProcessingException e) {
            throw new MalformedTaskException("the entry is not JSON: " + reason(e), e);
        } catch (IOException e) {
            throw new MalformedTaskException("the entry cannot be read: " + e.getMessage(), e);
        }
        if (root == null || !root.isObject()) {
            String kind =
                    root == null ? "nothing" : root.getNodeType().toString().toLowerCase(Locale.ROOT);
            throw new MalformedTaskException("the entry is a JSON " + kind + "; it must be an object", null);
        }
        try {
            return read(root, now);
        } catch (InvalidTaskException e) {
            throw new MalformedTaskException(e.getMessage(), e);
        }
    }

    private static Decoded read(JsonNode root, long now) {
        String id = null;
        String type = null;
        JsonNode payload = NullNode.getInstance();
        long retry = 0;
        long maxRetries = Task.DEFAULT_MAX_RETRIES;
        Optional<String> idempotencyKey = Optional.empty();
        Priority priority = Priority.NORMAL;
        long createdAt = -1;
        Optional<Duration> timeout = Optional.empty();
        Optional<String> lastError = Optional.empty();
        Map<String, JsonNode> unknown = Map.of();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (name.equals("payload")) {
                payload = value;
                continue;
            }
            if (value.isNull() && Task.WIRE_FIELDS.contains(name)) {
                continue;
            }
            switch (name) {
                case "id" -> id = text(name, value);
                case "type" -> type = text(name, value);
                case "retry" -> retry = integer(name, value);
                case "max_retries" -> maxRetries = integer(name, value);
                case "idempotency_key" -> idempotencyKey = Optional.of(text(name, value));
                case "priority" -> priority = Priority.ofWireName(text(name, value));
                case "created_at" -> createdAt = positive(name, value);
                case "timeout_ms" -> timeout = Optional.of(Duration.ofMillis(integer(name, value)));
                case "last_error" -> lastError = Optional.of(text(name, value));
                default -> {
                    unknown = unknown.isEmpty() ? new LinkedHashMap<>() : unknown;
                    unknown.put(name, value);
                }
            }
        }
        Task task = new Task(
                id == null ? Task.newId() : id,
                type,
                payload,
                toInt("retry", retry),
                toInt("max_retries", maxRetries),
                idempotencyKey,
                priority,
                createdAt < 0 ? now : createdAt,
                timeout,
                lastError,
                unknown);
        return new Decoded(task, id != null, createdAt >= 0);
    }

    private static String text(String field, JsonNode value) {
        if (!value.isTextual()) {
            throw new InvalidTaskException(field + " is " + shorten(value.toString()) + "; it must be a string");
        }
        return value.textValue();
    }

    private static long integer(String field, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new InvalidTaskException(field + " is " + shorten(value.toString()) + "; it must be an integer");
        }
        return value.longValue();
    }

    private static long positive(String field, JsonNode value) {
        long number = integer(field, value);
        if (number < 0) {
            throw new InvalidTaskException(field + " is " + number + "; it must be zero or more");
        }
        return number;
    }

    private static int toInt(String field, long value) {
        if (value != (int) value) {
            throw new InvalidTaskException(field + " is " + value + "; it must be an integer of 32 bits");
        }
        return (int) value;
    }

    private static String reason(IOException e) {
        return e instanceof JsonProcessingException json
                ? shorten(json.getOriginalMessage())
                : String.valueOf(e.getMessage());
    }

    private static String shorten(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
