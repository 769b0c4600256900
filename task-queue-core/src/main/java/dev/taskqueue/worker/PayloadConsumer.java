package dev.taskqueue.worker;

import org.jspecify.annotations.Nullable;

/**
 * A {@link PayloadHandler} without a result. The same rules hold for it.
 *
 * @param <P> what the payload is bound to
 */
@FunctionalInterface
public interface PayloadConsumer<P extends @Nullable Object> {

    /**
     * Does the work of one task.
     *
     * @param payload the payload; null where it is JSON's null
     * @param task the task; never null
     * @throws Exception as {@link TaskHandler#handle} does
     */
    void accept(P payload, TaskContext task) throws Exception;
}
