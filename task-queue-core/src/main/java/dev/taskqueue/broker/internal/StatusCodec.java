package dev.taskqueue.broker.internal;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.Unique;
import dev.taskqueue.internal.JsonWriter;
import dev.taskqueue.internal.TaskIds;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A task's status as it stands in Redis: one JSON object in a string, written whole with each change. That costs Redis half
 * of what a hash does, and a batch of them is one MSET. Where a script writes it, the script adds when that was, by Redis'
 * clock: from here come the {@link #prefix} before the time and the {@link #suffix} after it.
 *
 * <p>While a task waits for its first attempt its status is as short as can be, as millions may wait: it leaves out when the
 * task was created where the id tells. With a type of up to 15 characters it is of 44 bytes then, the longest text that Redis
 * keeps in one piece with what it knows of it: 64 bytes of memory, where one more takes 96.
 */
final class StatusCodec {

    private static final byte[] WORKER = JsonWriter.name("worker");
    private static final byte[] STATE = JsonWriter.name("state");
    private static final byte[] TYPE = JsonWriter.name("type");
    private static final byte[] CREATED_AT = JsonWriter.name("created_at");
    private static final byte[] ATTEMPTS = JsonWriter.name("attempts");
    private static final byte[] LAST_ERROR = JsonWriter.name("last_error");
    private static final byte[] RUN_MS = JsonWriter.name("run_ms");
    private static final byte[] DELAY_MS = JsonWriter.name("delay_ms");
    private static final byte[] RUN_AT = JsonWriter.name("run_at");
    private static final byte[] RESULT = JsonWriter.name("result");
    private static final byte[] STACK = JsonWriter.name("stack");
    private static final byte[] CANCEL_REASON = JsonWriter.name("cancel_reason");
    private static final byte[] RESULT_ERROR = JsonWriter.name("result_error");
    private static final byte[] DUPLICATE_KEY = JsonWriter.name("duplicate_key");
    private static final byte[] PARKED = JsonWriter.name("parked");
    private static final RawJson TRUE = RawJson.parse("true");

    /** What most statuses take. */
    private static final int CAPACITY = 160;

    /** What the status of a task that was just enqueued takes, but for its type. */
    private static final int PENDING_CAPACITY = "{'state':'pending','type':''}".length();

    private final Task task;
    private final TaskState state;
    private int attempts;
    private Duration runTime;
    private Duration delay;
    private RawJson result;
    private String resultError;
    private String stack;
    private String cancelReason;
    private boolean parked;

    private StatusCodec(Task task, TaskState state) {
        this.task = task;
        this.state = state;
        attempts = task.retry();
    }

    static StatusCodec of(Task task, TaskState state) {
        return new StatusCodec(task, state);
    }

    /** How a task waits that no handler has been started for. */
    static TaskState waiting(Task task, long now) {
        Instant runAt = task.options().runAt();
        return runAt != null && runAt.toEpochMilli() > now ? TaskState.SCHEDULED : TaskState.PENDING;
    }

    /** How many attempts were begun; without this, as many as have failed. */
    StatusCodec attempts(int begun) {
        attempts = begun;
        return this;
    }

    /** How long the attempt took that has just ended. */
    StatusCodec runTime(Duration duration) {
        runTime = duration;
        return this;
    }

    /** In how long the next attempt is due. */
    StatusCodec delay(Duration duration) {
        delay = duration;
        return this;
    }

    /** What the handler returned, and why that is not kept. */
    StatusCodec result(Optional<RawJson> json, Optional<String> error) {
        result = json.orElse(null);
        resultError = error.orElse(null);
        return this;
    }

    /** The stack of the failure that the task died of. */
    StatusCodec stack(Optional<String> text) {
        stack = text.orElse(null);
        return this;
    }

    /** Why the task was cancelled; empty where that was not said. */
    StatusCodec cancelReason(String reason) {
        cancelReason = reason.isEmpty() ? null : reason;
        return this;
    }

    /** Says that the task waits for a worker that knows its type. */
    StatusCodec parked() {
        parked = true;
        return this;
    }

    /** What stands before the time in each status that a worker writes. */
    static byte[] prefix(String worker) {
        byte[] object = new JsonWriter(CAPACITY).field(WORKER, worker).toBytes();
        object[object.length - 1] = ',';
        return object;
    }

    /** All but what stands before it: the prefix, {@code "since":}, the time and a comma. */
    byte[] suffix() {
        byte[] whole = whole();
        return Arrays.copyOfRange(whole, 1, whole.length);
    }

    /** Like {@link #suffix}; empty where the status cannot be written, whatever the cause: it is left out then. */
    byte[] suffixOrNone() {
        try {
            return suffix();
        } catch (RuntimeException e) {
            return Bytes.EMPTY;
        }
    }

    /** A status without a worker and a time. */
    byte[] whole() {
        boolean idTellsTime = idTellsTime();
        JsonWriter json = new JsonWriter(capacity(idTellsTime))
                .field(STATE, state.wireName())
                .field(TYPE, task.type());
        if (!idTellsTime) {
            json.field(CREATED_AT, task.history().createdAtMillis());
        }
        if (attempts > 0) {
            json.field(ATTEMPTS, attempts);
        }
        if (task.history().lastError() != null) {
            json.field(LAST_ERROR, task.history().lastError());
        }
        if (state == TaskState.DUPLICATE) {
            task.idempotencyKey()
                    .or(() -> task.unique().map(Unique::key))
                    .ifPresent(key -> json.field(DUPLICATE_KEY, key));
        }
        if (runTime != null) {
            json.field(RUN_MS, runTime.toMillis());
        }
        if (delay != null) {
            json.field(DELAY_MS, delay.toMillis());
        }
        if (state == TaskState.SCHEDULED && task.options().runAt() != null) {
            json.field(RUN_AT, task.options().runAt().toEpochMilli());
        }
        if (result != null) {
            json.field(RESULT, result);
        }
        if (resultError != null) {
            json.field(RESULT_ERROR, resultError);
        }
        if (stack != null) {
            json.field(STACK, stack);
        }
        if (cancelReason != null) {
            json.field(CANCEL_REASON, cancelReason);
        }
        if (parked) {
            json.field(PARKED, TRUE);
        }
        return json.toBytes();
    }

    /** Only of those that wait untouched: they are many, and of the others readers that know no such ids need the time. */
    private boolean idTellsTime() {
        return (state == TaskState.PENDING || state == TaskState.SCHEDULED)
                && attempts <= 0
                && TaskIds.tells(task.id(), task.history().createdAtMillis());
    }

    private int capacity(boolean idTellsTime) {
        if (idTellsTime && state == TaskState.PENDING) {
            return PENDING_CAPACITY + task.type().length();
        }
        return result == null ? CAPACITY : CAPACITY + result.size();
    }

    /**
     * @param queue the name of the queue
     * @param id the id of the task
     * @param text what {@code q:task:<id>} holds
     * @param recoveries what {@code q:recoveries:<id>} holds, or null
     * @throws TaskQueueException if the text is no status
     */
    static TaskStatus read(String queue, String id, byte[] text, byte[] recoveries) {
        Map<String, RawJson> fields = new HashMap<>();
        try {
            RawJson.readMembers(text, fields::put);
            TaskState state = TaskState.ofWireName(string(fields, "state").orElse("missing"));
            Optional<Instant> since = time(fields, "since");
            return new TaskStatus(
                    id,
                    queue,
                    string(fields, "type").orElse(""),
                    state,
                    Math.toIntExact(number(fields, "attempts").orElse(0)),
                    recoveries == null ? 0 : Integer.parseInt(Bytes.text(recoveries)),
                    createdAt(fields, id),
                    startedAt(fields, state, since),
                    state.isFinal() ? since : Optional.empty(),
                    nextAttemptAt(fields, state, since),
                    string(fields, "worker"),
                    string(fields, "last_error"),
                    string(fields, "stack"),
                    Optional.ofNullable(fields.get("result")).map(RawJson::toString),
                    string(fields, "result_error"),
                    string(fields, "cancel_reason"),
                    TRUE.equals(fields.get("parked")));
        } catch (InvalidTaskException | IllegalArgumentException | ArithmeticException e) {
            throw new TaskQueueException("corrupt status for task " + id + ": " + e.getMessage(), e);
        }
    }

    /** The key by which a task was a duplicate; empty where its status does not tell. */
    static Optional<String> keyOf(byte[] text) {
        AtomicReference<Optional<String>> key = new AtomicReference<>(Optional.empty());
        try {
            RawJson.readMembers(text, (name, value) -> {
                if (name.equals("duplicate_key")) {
                    key.set(value.stringValue());
                }
            });
        } catch (InvalidTaskException e) {
            // Then there is none.
        }
        return key.get();
    }

    private static Optional<Instant> createdAt(Map<String, RawJson> fields, String id) {
        OptionalLong millis = number(fields, "created_at");
        OptionalLong known = millis.isPresent() ? millis : TaskIds.time(id);
        return known.isPresent() ? Optional.of(Instant.ofEpochMilli(known.getAsLong())) : Optional.empty();
    }

    private static Optional<Instant> startedAt(Map<String, RawJson> fields, TaskState state, Optional<Instant> since) {
        if (state == TaskState.RUNNING) {
            return since;
        }
        OptionalLong runTime = number(fields, "run_ms");
        return runTime.isEmpty() ? Optional.empty() : since.map(end -> end.minusMillis(runTime.getAsLong()));
    }

    private static Optional<Instant> nextAttemptAt(
            Map<String, RawJson> fields, TaskState state, Optional<Instant> since) {
        return switch (state) {
            case SCHEDULED -> time(fields, "run_at");
            case RETRYING ->
                since.map(at -> at.plusMillis(number(fields, "delay_ms").orElse(0)));
            default -> Optional.empty();
        };
    }

    private static Optional<Instant> time(Map<String, RawJson> fields, String name) {
        OptionalLong millis = number(fields, name);
        return millis.isEmpty() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis.getAsLong()));
    }

    private static Optional<String> string(Map<String, RawJson> fields, String name) {
        RawJson value = fields.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        Optional<String> string = value.stringValue();
        if (string.isEmpty()) {
            throw new IllegalArgumentException(name + " is no string");
        }
        return string;
    }

    private static OptionalLong number(Map<String, RawJson> fields, String name) {
        RawJson value = fields.get(name);
        if (value == null || value.isNull()) {
            return OptionalLong.empty();
        }
        OptionalLong number = value.longValue();
        if (number.isEmpty()) {
            throw new IllegalArgumentException(name + " is no integer of 64 bits");
        }
        return number;
    }
}
