package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.RawJson;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client status}: what is known of one task. */
@Command(name = "status", description = "Prints what is known of one task.", mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "ID", description = "The task's id.")
    private String id;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Optional<TaskStatus> found;
        try (RedisBroker broker = connection.open()) {
            found = broker.status(id);
        }
        if (found.isEmpty()) {
            connection
                    .err()
                    .println("client: no status of task " + id + ": there is no such task, or its status has expired");
            connection.err().flush();
            return 1;
        }
        Fields.print(connection.out(), fields(found.get(), json), json);
        return 0;
    }

    private static ObjectNode fields(TaskStatus status, boolean json) {
        ObjectNode fields = JsonNodeFactory.instance
                .objectNode()
                .put("id", status.id())
                .put("type", status.type())
                .put("state", status.state().wireName())
                .put("attempts", status.attempts());
        if (status.recoveries() > 0) {
            fields.put("recoveries", status.recoveries());
        }
        status.createdAt().ifPresent(at -> fields.put("created_at", at.toString()));
        status.startedAt().ifPresent(at -> fields.put("started_at", at.toString()));
        status.finishedAt().ifPresent(at -> fields.put("finished_at", at.toString()));
        status.nextAttemptAt().ifPresent(at -> fields.put("next_attempt_at", at.toString()));
        status.worker().ifPresent(worker -> fields.put("worker", worker));
        status.lastError().ifPresent(error -> fields.put("last_error", error));
        status.result().map(RawJson::parse).ifPresent(result -> {
            // A program gets it as it is, to the last digit; a person gets the text of a string.
            if (json || result.stringValue().isEmpty()) {
                fields.putRawValue("result", new RawValue(result.toString()));
            } else {
                fields.put("result", result.stringValue().get());
            }
        });
        status.resultError().ifPresent(error -> fields.put("result_error", error));
        return fields;
    }
}
