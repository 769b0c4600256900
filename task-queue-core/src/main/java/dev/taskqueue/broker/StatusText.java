package dev.taskqueue.broker;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * A task's status as it stands in Redis: one JSON object in a string, written whole with each change. That costs Redis half
 * of what a hash does, and a batch of them is one MSET. Where a script writes it, the script adds when that was, by Redis'
 * clock: from here come the {@link #head} before the time and the {@link #tail} after it.
 */
final class StatusText {

    private final Task task;
    private final TaskState state;
    private int attempts;
    private Duration runTime;
    private Duration delay;
    private String result;

    private StatusText(Task task, TaskState state) {
        this.task = task;
        this.state = state;
        attempts = task.retry();
    }

    static StatusText of(Task task, TaskState state) {
        return new StatusText(task, state);
    }

    /** How many attempts were begun; without this, as many as have failed. */
    StatusText attempts(int begun) {
        attempts = begun;
        return this;
    }

    /** How long the attempt took that has just ended. */
    StatusText runTime(Duration duration) {
        runTime = duration;
        return this;
    }

    /** In how long the next attempt is due. */
    StatusText delay(Duration duration) {
        delay = duration;
        return this;
    }

    /** What the handler returned, as JSON. */
    StatusText result(Optional<String> json) {
        result = json.orElse(null);
        return this;
    }

    /** What stands before the time in each status that a worker writes. */
    static byte[] head(String worker) {
        try {
            byte[] object = JsonBytes.write(json -> {
                json.writeStartObject();
                json.writeStringField("worker", worker);
                json.writeEndObject();
            });
            object[object.length - 1] = ',';
            return object;
        } catch (IOException e) {
            throw new IllegalArgumentException("worker name \"" + worker + "\" cannot be written as JSON", e);
        }
    }

    /** All but what stands before it: the head, {@code "since":}, the time and a comma. */
    byte[] tail() {
        byte[] whole = whole();
        return Arrays.copyOfRange(whole, 1, whole.length);
    }

    /** A status without a worker and a time. */
    byte[] whole() {
        try {
            return JsonBytes.write(this::write);
        } catch (IOException e) {
            throw new TaskQueueException("the status of task " + task.id() + " cannot be written as JSON", e);
        }
    }

    private void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("state", state.wireName());
        json.writeStringField("type", task.type());
        json.writeNumberField("created_at", task.createdAt());
        if (attempts > 0) {
            json.writeNumberField("attempts", attempts);
        }
        if (task.lastError().isPresent()) {
            json.writeStringField("last_error", task.lastError().get());
        }
        if (runTime != null) {
            json.writeNumberField("run_ms", runTime.toMillis());
        }
        if (delay != null) {
            json.writeNumberField("delay_ms", delay.toMillis());
        }
        if (result != null) {
            json.writeFieldName("result");
            json.writeRawValue(result);
        }
        json.writeEndObject();
    }

    /**
     * @param id the id of the task
     * @param text what {@code q:task:<id>} holds
     * @param recoveries what {@code q:recoveries:<id>} holds, or null
     * @throws TaskQueueException if the text is no status
     */
    static TaskStatus read(String id, byte[] text, byte[] recoveries) {
        try {
            JsonNode status = JsonBytes.read(text);
            TaskState state = TaskState.ofWireName(status.path("state").asText());
            Optional<Instant> since = time(status, "since");
            return new TaskStatus(
                    id,
                    status.path("type").asText(),
                    state,
                    status.path("attempts").asInt(),
                    recoveries == null ? 0 : Integer.parseInt(Bytes.text(recoveries)),
                    time(status, "created_at"),
                    startedAt(status, state, since),
                    state.isFinal() ? since : Optional.empty(),
                    state == TaskState.RETRYING
                            ? since.map(
                                    at -> at.plusMillis(status.path("delay_ms").asLong()))
                            : Optional.empty(),
                    text(status, "worker"),
                    text(status, "last_error"),
                    Optional.ofNullable(status.get("result")).map(JsonNode::toString));
        } catch (IOException | IllegalArgumentException e) {
            throw new TaskQueueException("the status of task " + id + " in Redis is none: " + e.getMessage(), e);
        }
    }

    private static Optional<Instant> startedAt(JsonNode status, TaskState state, Optional<Instant> since) {
        if (state == TaskState.RUNNING) {
            return since;
        }
        JsonNode runTime = status.path("run_ms");
        return runTime.isMissingNode() ? Optional.empty() : since.map(end -> end.minusMillis(runTime.asLong()));
    }

    private static Optional<String> text(JsonNode status, String name) {
        return Optional.ofNullable(status.get(name)).map(JsonNode::asText);
    }

    private static Optional<Instant> time(JsonNode status, String name) {
        return Optional.ofNullable(status.get(name)).map(JsonNode::asLong).map(Instant::ofEpochMilli);
    }
}
