package dev.taskqueue.broker;

import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads a status hash as the scripts write it. */
final class StatusReader {

    private final Map<String, String> fields = new HashMap<>();

    private StatusReader(Map<byte[], byte[]> hash) {
        hash.forEach((name, value) -> fields.put(Bytes.text(name), Bytes.text(value)));
    }

    static Optional<TaskStatus> read(String id, Map<byte[], byte[]> hash) {
        StatusReader reader = new StatusReader(hash);
        return reader.text("state").map(state -> reader.toStatus(id, TaskState.ofWireName(state)));
    }

    private TaskStatus toStatus(String id, TaskState state) {
        return new TaskStatus(
                id,
                fields.getOrDefault("type", ""),
                state,
                count("attempts"),
                count("recoveries"),
                time("created_at"),
                startedAt(state),
                // A task that runs once more, after its end or its last retry, keeps the fields of the time before.
                state.isFinal() ? time("finished_at") : Optional.empty(),
                state == TaskState.RETRYING ? time("next_attempt_at") : Optional.empty(),
                text("worker"),
                text("last_error"),
                state == TaskState.SUCCEEDED ? text("result") : Optional.empty());
    }

    /** Of a task that has ended only its end and its run time are written. */
    private Optional<Instant> startedAt(TaskState state) {
        if (state.isFinal() && fields.containsKey("run_ms") && fields.containsKey("finished_at")) {
            return time("finished_at").map(end -> end.minusMillis(Long.parseLong(fields.get("run_ms"))));
        }
        return time("started_at");
    }

    private Optional<String> text(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    private int count(String name) {
        return Integer.parseInt(fields.getOrDefault(name, "0"));
    }

    private Optional<Instant> time(String name) {
        return text(name).map(Long::parseLong).map(Instant::ofEpochMilli);
    }
}
