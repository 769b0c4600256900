package dev.taskqueue.daemon;

import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskHandler;
import java.util.Map;
import java.util.ServiceLoader;

/** Goes into a jar of its own: handlers that look classes and services up as libraries do, by the context class loader. */
public class ContextHandlers implements HandlerProvider {

    private final boolean made = seesItself();

    @Override
    public Map<String, TaskHandler> handlers() {
        boolean asked = seesItself();
        return Map.of(
                "look-around",
                task -> Map.of("made", made, "asked", asked, "run", seesItself()),
                "context:fail",
                task -> {
                    throw new IllegalStateException("seen: " + seesItself());
                });
    }

    private static boolean seesItself() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        try {
            Class.forName(ContextHandlers.class.getName(), true, context);
        } catch (ClassNotFoundException e) {
            return false;
        }
        return ServiceLoader.load(HandlerProvider.class).stream()
                .anyMatch(provider -> provider.type().getName().equals(ContextHandlers.class.getName()));
    }
}
