package dev.taskqueue.daemon;

import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskHandler;
import java.util.Locale;
import java.util.Map;

/** Goes into a jar of its own, as a user's handlers would. */
public class ExternalHandlers implements HandlerProvider {

    @Override
    public Map<String, TaskHandler> handlers() {
        return Map.of("shout", task -> task.payload().textValue().toUpperCase(Locale.ROOT));
    }
}
