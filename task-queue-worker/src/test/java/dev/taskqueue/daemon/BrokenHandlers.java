package dev.taskqueue.daemon;

import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskHandler;
import java.util.Map;

/** Goes into a jar of its own: what it brings is what the test puts here, or a failure. */
public class BrokenHandlers implements HandlerProvider {

    /** Gives the handlers, where this class is not loaded anew. */
    static volatile HandlerProvider source = () -> {
        throw new IllegalStateException("no database");
    };

    @Override
    public Map<String, TaskHandler> handlers() {
        return source.handlers();
    }
}
