package dev.taskqueue.daemon;

import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskHandler;
import java.util.Map;

/** Goes into a jar of its own: a handler that ends the JVM, with the payload as its exit code. */
public class ExitingHandlers implements HandlerProvider {

    @Override
    public Map<String, TaskHandler> handlers() {
        return Map.of("exit", task -> {
            System.exit(task.payload().intValue());
            return null;
        });
    }
}
