package dev.taskqueue;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One piece of work: a type that names its handler, and a payload of any JSON. Immutable and safe to share; every
 * {@code with…} method returns a copy.
 *
 * @param id unique text, 1 to 128 characters; {@link #of} makes a UUIDv7
 * @param type names the handler, 1 to 128 characters
 * @param payload any JSON; absent is JSON's null. It travels byte for byte
 * @param retry how many attempts have failed so far; 0 for a new task
 * @param maxRetries how many more attempts follow a failed first one, 0 to 10,000
 * @param idempotencyKey of the tasks with the same key only one succeeds within the window; 1 to 256 characters
 * @param priority its lane
 * @param createdAt when it was made, in milliseconds since the epoch
 * @param timeout how long one attempt may take, 1 ms to 7 days; empty for the worker's own limit
 * @param lastError why the latest attempt failed
 * @param unknownFields fields of the wire format that this version does not know; their values travel along byte for byte
 */
public record Task(
        String id,
        String type,
        RawJson payload,
        int retry,
        int maxRetries,
        Optional<String> idempotencyKey,
        Priority priority,
        long createdAt,
        Optional<Duration> timeout,
        Optional<String> lastError,
        Map<String, RawJson> unknownFields) {

    /** How many retries {@link #of} gives a task, which then carries that number on the wire: {@value}. */
    public static final int DEFAULT_MAX_RETRIES = 3;

    /** The names of the fields on the wire; none of them may be among the unknown ones. */
    public static final Set<String> WIRE_FIELDS = Set.of(
            "id",
            "type",
            "payload",
            "retry",
            "max_retries",
            "idempotency_key",
            "priority",
            "created_at",
            "timeout_ms",
            "last_error");

    /**
     * Checks every field.
     *
     * @throws InvalidTaskException if one is out of its range; the message names it
     */
    public Task {
        TaskLimits.checkName("id", id, TaskLimits.ID_LENGTH);
        TaskLimits.checkName("type", type, TaskLimits.TYPE_LENGTH);
        Objects.requireNonNull(payload, "payload");
        TaskLimits.checkRange("retry", retry, 0, Integer.MAX_VALUE);
        TaskLimits.checkRange("max_retries", maxRetries, 0, TaskLimits.MAX_RETRIES);
        if (idempotencyKey.isPresent()) {
            TaskLimits.checkName("idempotency_key", idempotencyKey.get(), TaskLimits.IDEMPOTENCY_KEY_LENGTH);
        }
        Objects.requireNonNull(priority, "priority");
        TaskLimits.checkRange("created_at", createdAt, 0, Long.MAX_VALUE);
        if (timeout.isPresent()) {
            TaskLimits.checkRange("timeout_ms", TaskLimits.millis(timeout.get()), 1, TaskLimits.MAX_TIMEOUT_MILLIS);
        }
        Objects.requireNonNull(lastError, "lastError");
        if (unknownFields.isEmpty()) {
            unknownFields = Map.of();
        } else {
            unknownFields = Collections.unmodifiableMap(new LinkedHashMap<>(unknownFields));
            for (String name : unknownFields.keySet()) {
                if (WIRE_FIELDS.contains(name)) {
                    throw new InvalidTaskException("unknownFields holds " + name + ", which is a field of its own");
                }
            }
        }
    }

    /**
     * Makes a new task with a fresh id, normal priority and {@value #DEFAULT_MAX_RETRIES} retries.
     *
     * @param type names the handler
     * @param payload a {@link RawJson}, or anything Jackson can write, which is written here and now; null is JSON's null
     * @return the task
     * @throws InvalidTaskException if the type is not allowed, or the payload is nothing Jackson can write or nests more
     *     than {@value JsonScanner#MAX_DEPTH} levels deep
     */
    public static Task of(String type, Object payload) {
        long now = System.currentTimeMillis();
        return new Task(
                TaskIds.next(now),
                type,
                toJson(payload),
                0,
                DEFAULT_MAX_RETRIES,
                Optional.empty(),
                Priority.NORMAL,
                now,
                Optional.empty(),
                Optional.empty(),
                Map.of());
    }

    /**
     * @return a fresh id: UUIDv7 text, 36 characters, which sorts by time
     */
    public static String newId() {
        return TaskIds.next(System.currentTimeMillis());
    }

    private static RawJson toJson(Object payload) {
        try {
            return RawJson.of(payload);
        } catch (InvalidTaskException e) {
            throw new InvalidTaskException("payload is " + e.getMessage(), e);
        }
    }

    /**
     * Binds the payload to a class, without default typing and ignoring properties that the class does not have.
     *
     * @param payloadType what to bind to
     * @param <T> what to bind to
     * @return the payload; null where it is JSON's null
     * @throws InvalidTaskException if the payload does not fit the class
     */
    public <T> T payloadAs(Class<T> payloadType) {
        return payload.bind(payloadType, "payload", " of task " + id);
    }

    /**
     * @return the number of the attempt that runs or comes next; 1 for a new task
     */
    public int attempt() {
        return retry == Integer.MAX_VALUE ? retry : retry + 1;
    }

    /**
     * @param newId 1 to 128 characters
     * @return a copy with that id
     */
    public Task withId(String newId) {
        return copy(fields -> fields.id = newId);
    }

    /**
     * @param newMaxRetries 0 to 10,000
     * @return a copy with that many retries
     */
    public Task withMaxRetries(int newMaxRetries) {
        return copy(fields -> fields.maxRetries = newMaxRetries);
    }

    /**
     * @param key 1 to 256 characters
     * @return a copy with that idempotency key
     */
    public Task withIdempotencyKey(String key) {
        return copy(fields -> fields.idempotencyKey = Optional.of(key));
    }

    /**
     * @param newPriority the lane
     * @return a copy with that priority
     */
    public Task withPriority(Priority newPriority) {
        return copy(fields -> fields.priority = newPriority);
    }

    /**
     * @param newTimeout how long one attempt may take, 1 ms to 7 days
     * @return a copy with that limit
     */
    public Task withTimeout(Duration newTimeout) {
        return copy(fields -> fields.timeout = Optional.of(newTimeout));
    }

    /**
     * @param error why the attempt failed
     * @return a copy with one more failed attempt
     */
    public Task withFailure(String error) {
        return copy(fields -> {
            fields.retry = attempt();
            fields.lastError = Optional.of(error);
        });
    }

    /**
     * @param error why the last attempt failed
     * @return a copy with that error, and no attempt counted
     */
    public Task withLastError(String error) {
        return copy(fields -> fields.lastError = Optional.of(error));
    }

    /**
     * @param fields fields that this version does not know, by name
     * @return a copy with those unknown fields, in place of its own
     */
    public Task withUnknownFields(Map<String, RawJson> fields) {
        return copy(copied -> copied.unknownFields = fields);
    }

    private Task copy(Consumer<Fields> change) {
        Fields fields = new Fields(this);
        change.accept(fields);
        return fields.toTask();
    }

    /** What a copy may differ in. */
    private static final class Fields {

        private final Task from;
        private String id;
        private int retry;
        private int maxRetries;
        private Optional<String> idempotencyKey;
        private Priority priority;
        private Optional<Duration> timeout;
        private Optional<String> lastError;
        private Map<String, RawJson> unknownFields;

        Fields(Task from) {
            this.from = from;
            id = from.id;
            retry = from.retry;
            maxRetries = from.maxRetries;
            idempotencyKey = from.idempotencyKey;
            priority = from.priority;
            timeout = from.timeout;
            lastError = from.lastError;
            unknownFields = from.unknownFields;
        }

        Task toTask() {
            return new Task(
                    id,
                    from.type,
                    from.payload,
                    retry,
                    maxRetries,
                    idempotencyKey,
                    priority,
                    from.createdAt,
                    timeout,
                    lastError,
                    unknownFields);
        }
    }
}
