package dev.taskqueue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.internal.Json;
import dev.taskqueue.internal.TaskIds;
import dev.taskqueue.internal.TaskLimits;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work: a type that names its handler, and a payload of any JSON. Immutable and safe to share; every
 * {@code with…} method returns a copy.
 *
 * @param id unique text, 1 to 128 characters; {@link #of} makes a ULID
 * @param type names the handler, 1 to 128 characters
 * @param payload any JSON; absent is JSON's null. It travels byte for byte
 * @param options how it is to be treated
 * @param history what has happened to it
 * @param extraFields fields of the wire format that this version does not know; their values travel along byte for byte
 */
public record Task(
        String id,
        String type,
        RawJson payload,
        TaskOptions options,
        TaskHistory history,
        Map<String, RawJson> extraFields) {

    /** The names of the fields on the wire; none of them may be among the extra ones. */
    private static final Set<String> WIRE_FIELDS = Set.of(
            "id",
            "type",
            "payload",
            "retry",
            "max_retries",
            "idempotency_key",
            "priority",
            "created_at",
            "timeout_ms",
            "run_at",
            "expires_at",
            "unique",
            "last_error");

    /**
     * Checks every field.
     *
     * @throws InvalidTaskException if one is out of its range; the message names it
     */
    public Task {
        TaskLimits.checkName("id", id, TaskLimits.ID_LENGTH);
        TaskLimits.checkName("type", type, TaskLimits.TYPE_LENGTH);
        TaskLimits.checkPresent("payload", payload);
        TaskLimits.checkPresent("options", options);
        TaskLimits.checkPresent("history", history);
        TaskLimits.checkPresent("extraFields", extraFields);
        if (extraFields.isEmpty()) {
            extraFields = Map.of();
        } else {
            extraFields = Collections.unmodifiableMap(new LinkedHashMap<>(extraFields));
            extraFields.forEach((name, value) -> {
                TaskLimits.checkPresent("a name in extraFields", name);
                TaskLimits.checkPresent("the value of " + name + " in extraFields", value);
                if (WIRE_FIELDS.contains(name)) {
                    throw new InvalidTaskException("extraFields holds " + name + ", which is a field of its own");
                }
            });
        }
    }

    /**
     * Makes a new task with a fresh id and {@link TaskOptions#DEFAULT}.
     *
     * @param type names the handler
     * @param payload a {@link RawJson}, or anything Jackson can write, which is written here and now; null is JSON's null.
     *     Times are written as ISO 8601 text where Jackson's modules for them are on the class path
     * @return the task
     * @throws InvalidTaskException if the type is not allowed, or the payload is nothing Jackson can write or nests more
     *     than 500 levels deep
     */
    public static Task of(String type, @Nullable Object payload) {
        return ofJson(type, toJson(payload, null));
    }

    /**
     * Like {@link #of(String, Object)}, with a mapper of one's own.
     *
     * @param type names the handler
     * @param payload a {@link RawJson}, or anything that the mapper can write; null is JSON's null
     * @param mapper writes the payload, here and now
     * @return the task
     * @throws InvalidTaskException as {@link #of(String, Object)} does
     */
    public static Task of(String type, @Nullable Object payload, ObjectMapper mapper) {
        return ofJson(type, toJson(payload, mapper));
    }

    private static Task ofJson(String type, RawJson payload) {
        long now = System.currentTimeMillis();
        return new Task(TaskIds.next(now), type, payload, TaskOptions.DEFAULT, TaskHistory.startingAt(now), Map.of());
    }

    /**
     * @return a fresh id: a ULID, 26 characters, which sorts by time and tells it, to the ms
     */
    public static String newId() {
        return TaskIds.next(System.currentTimeMillis());
    }

    /**
     * @param mapper writes it; null is the default one, which is made only where it is needed
     */
    private static RawJson toJson(@Nullable Object payload, @Nullable ObjectMapper mapper) {
        try {
            return mapper == null ? RawJson.of(payload) : RawJson.of(payload, mapper);
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
     * @throws InvalidTaskException if the payload does not fit; the message names the field and says why
     */
    public <T> T payloadAs(Class<T> payloadType) {
        return payloadAs(payloadType, Json.mapper());
    }

    /**
     * Binds the payload to a type, as a mapper of one's own does.
     *
     * @param payloadType what to bind to; such as a class, or {@code new TypeReference<List<String>>() {}.getType()}
     * @param mapper binds
     * @param <T> what to bind to
     * @return the payload; null where it is JSON's null
     * @throws InvalidTaskException if the payload does not fit; the message names the field and says why
     */
    public <T> T payloadAs(Type payloadType, ObjectMapper mapper) {
        return payload.bind(payloadType, mapper, "payload", " of task " + id);
    }

    /**
     * @return how many more attempts follow a failed first one
     */
    public int maxRetries() {
        return options.maxRetries();
    }

    /**
     * @return its lane
     */
    public Priority priority() {
        return options.priority();
    }

    /**
     * @return the idempotency key, if it has one
     */
    public Optional<String> idempotencyKey() {
        return Optional.ofNullable(options.idempotencyKey());
    }

    /**
     * @return how long one attempt may take; empty for the worker's own limit
     */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(options.timeout());
    }

    /**
     * @return before when it is not to run, by Redis' clock; empty for at once
     */
    public Optional<Instant> runAt() {
        return Optional.ofNullable(options.runAt());
    }

    /**
     * @return by when it is to have begun, by Redis' clock, or else never begins; empty for no end
     */
    public Optional<Instant> expiresAt() {
        return Optional.ofNullable(options.expiresAt());
    }

    /**
     * @return which other tasks it excludes, if any
     */
    public Optional<Unique> unique() {
        return Optional.ofNullable(options.unique());
    }

    /**
     * @return when it was made
     */
    public Instant createdAt() {
        return history.createdAt();
    }

    /**
     * @return how many attempts have failed so far
     */
    public int retry() {
        return history.retry();
    }

    /**
     * @return the number of the attempt that runs or comes next; 1 for a new task
     */
    public int attempt() {
        return history.attempt();
    }

    /**
     * @return why the latest attempt failed, if one did
     */
    public Optional<String> lastError() {
        return Optional.ofNullable(history.lastError());
    }

    /**
     * @param newId 1 to 128 characters
     * @return a copy with that id
     */
    public Task withId(String newId) {
        return new Task(newId, type, payload, options, history, extraFields);
    }

    /**
     * @param newOptions how the task is to be treated
     * @return a copy with those options
     */
    public Task withOptions(TaskOptions newOptions) {
        return new Task(id, type, payload, newOptions, history, extraFields);
    }

    /**
     * @param newHistory what has happened to the task
     * @return a copy with that history
     */
    public Task withHistory(TaskHistory newHistory) {
        return new Task(id, type, payload, options, newHistory, extraFields);
    }

    /**
     * @param fields fields that this version does not know, by name
     * @return a copy with those extra fields, in place of its own
     */
    public Task withExtraFields(Map<String, RawJson> fields) {
        return new Task(id, type, payload, options, history, fields);
    }

    /**
     * @param retries how many more attempts follow a failed first one, 0 to 10,000
     * @return a copy with that many retries
     */
    public Task withMaxRetries(int retries) {
        return withOptions(options.withMaxRetries(retries));
    }

    /**
     * @param key of the tasks with the same key only one succeeds within the window; 1 to 256 characters
     * @return a copy with that idempotency key
     */
    public Task withIdempotencyKey(String key) {
        return withOptions(options.withIdempotencyKey(key));
    }

    /**
     * @param lane the lane
     * @return a copy with that priority
     */
    public Task withPriority(Priority lane) {
        return withOptions(options.withPriority(lane));
    }

    /**
     * @param limit how long one attempt may take, 1 ms to 7 days
     * @return a copy with that limit
     */
    public Task withTimeout(Duration limit) {
        return withOptions(options.withTimeout(limit));
    }

    /**
     * Delays the task. It waits in {@code scheduled}, and never begins early by Redis' clock.
     *
     * @param delay how long to wait from now on, by the clock of this machine; zero or less is at once
     * @return a copy with that delay
     * @throws InvalidTaskException if that is before 1970 or after 9999
     */
    public Task in(Duration delay) {
        return withOptions(options.withRunAt(fromNow("run_at", delay)));
    }

    /**
     * Delays the task. It waits in {@code scheduled}, and never begins early by Redis' clock.
     *
     * @param time before when it is not to run: 1970 to 9999; a part of a millisecond counts as a whole one. A time that has
     *     come is at once
     * @return a copy with that time
     */
    public Task at(Instant time) {
        return withOptions(options.withRunAt(time));
    }

    /**
     * Has the task end as {@link TaskState#EXPIRED} if it has not begun in time. That goes for retries, too.
     *
     * @param limit in how long it is to have begun, from now on, by the clock of this machine
     * @return a copy that expires then
     * @throws InvalidTaskException if that is before 1970 or after 9999
     */
    public Task expiresIn(Duration limit) {
        return withOptions(options.withExpiresAt(fromNow("expires_at", limit)));
    }

    /**
     * Has the task end as {@link TaskState#EXPIRED} if it has not begun in time, by Redis' clock. That goes for retries, too.
     *
     * @param time by when it is to have begun: 1970 to 9999, in whole milliseconds
     * @return a copy that expires then
     */
    public Task expiresAt(Instant time) {
        return withOptions(options.withExpiresAt(time));
    }

    /**
     * Has one task of a key at a time be unfinished, such as {@code task.unique(Unique.by("report:7"))}. Whether it was accepted
     * is told by what {@code enqueue} returns.
     *
     * @param rule the key, until when it is held, and what becomes of the others
     * @return a copy with that rule
     */
    public Task unique(Unique rule) {
        return withOptions(options.withUnique(rule));
    }

    private static Instant fromNow(String field, Duration duration) {
        TaskLimits.checkPresent(field, duration);
        try {
            return Instant.ofEpochMilli(System.currentTimeMillis()).plus(duration);
        } catch (ArithmeticException | DateTimeException e) {
            throw new InvalidTaskException(
                    field + " is " + duration + " from now; allowed is up to the end of 9999", e);
        }
    }

    /**
     * @param error why the attempt failed
     * @return a copy with one more failed attempt
     */
    public Task withFailure(String error) {
        return withHistory(history.withFailure(error));
    }

    /**
     * @param error why the last attempt failed
     * @return a copy with that error, and no attempt counted
     */
    public Task withLastError(String error) {
        return withHistory(history.withLastError(error));
    }
}
