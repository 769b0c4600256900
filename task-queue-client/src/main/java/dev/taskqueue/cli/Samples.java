package dev.taskqueue.cli;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import java.util.List;
import java.util.Map;

/** One task for each way that a task can go, for the worker's sample handlers. */
final class Samples {

    private record Sample(String fate, Task task) {}

    private final Connection connection;

    Samples(Connection connection) {
        this.connection = connection;
    }

    int enqueue() {
        String key = "sample-" + Task.newId();
        List<Sample> samples = List.of(
                new Sample("succeeds", Task.of("email:send", Map.of("to", "user@example.com"))),
                new Sample("is retried, then succeeds", Task.of("fail", Map.of("times", 1, "message", "busy"))),
                new Sample(
                        "dies after one retry",
                        Task.of("fail", Map.of("message", "no luck")).withMaxRetries(1)),
                new Sample(
                        "succeeds and holds an idempotency key",
                        Task.of("noop", null).withIdempotencyKey(key)),
                new Sample("is skipped as a duplicate", Task.of("noop", null).withIdempotencyKey(key)));
        try (RedisBroker broker = connection.open()) {
            broker.enqueueAll(samples.stream().map(Sample::task).toList());
        }
        samples.forEach(sample -> connection
                .out()
                .printf("%s  %-10s  %s%n", sample.task().id(), sample.task().type(), sample.fate()));
        connection.out().flush();
        return 0;
    }
}
