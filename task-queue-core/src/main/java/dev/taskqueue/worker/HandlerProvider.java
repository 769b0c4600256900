package dev.taskqueue.worker;

import java.util.Map;

/**
 * Brings handlers to a worker that finds them by {@link java.util.ServiceLoader}, such as the worker daemon with its folder
 * of jars: name the implementation in {@code META-INF/services/dev.taskqueue.worker.HandlerProvider}.
 */
@FunctionalInterface
public interface HandlerProvider {

    /**
     * @return handlers by the type of task that they handle; called once
     */
    Map<String, TaskHandler> handlers();
}
