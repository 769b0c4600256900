package dev.taskqueue.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.worker.TaskContext;
import dev.taskqueue.worker.TaskHandler;
import java.util.Map;

/** Handlers to try the system with: they do nothing useful, at a known pace. */
final class SampleHandlers {

    private static final long LONGEST_SLEEP_MILLIS = 24L * 60 * 60 * 1000;

    private SampleHandlers() {}

    static Map<String, TaskHandler> all() {
        return Map.of(
                "noop",
                task -> null,
                "echo",
                TaskContext::payload,
                "sleep",
                SampleHandlers::sleep,
                "fail",
                SampleHandlers::fail,
                "email:send",
                task -> simulate(task, "sent", "to", 50),
                "image:resize",
                task -> simulate(task, "resized", "url", 120));
    }

    private static Object sleep(TaskContext task) throws InterruptedException {
        JsonNode millis = task.payload().path("ms");
        if (!millis.isIntegralNumber() || millis.longValue() < 0 || millis.longValue() > LONGEST_SLEEP_MILLIS) {
            throw new PermanentFailureException("payload.ms is " + millis
                    + "; it must be a whole number of milliseconds from 0 to " + LONGEST_SLEEP_MILLIS);
        }
        Thread.sleep(millis.longValue());
        return null;
    }

    /** Fails the first {@code times} attempts; without {@code times}, every one. */
    private static Object fail(TaskContext task) {
        JsonNode times = task.payload().path("times");
        if (!times.isIntegralNumber() || task.attempt() <= times.longValue()) {
            throw new TaskQueueException(task.payload().path("message").asText("failed as asked"));
        }
        return "succeeded at attempt " + task.attempt();
    }

    private static Object simulate(TaskContext task, String verb, String subject, long millis)
            throws InterruptedException {
        Thread.sleep(millis);
        return Map.of(verb, task.payload().path(subject).asText("nothing in particular"));
    }
}
