package dev.taskqueue.worker;

import org.jspecify.annotations.Nullable;

/**
 * A {@link TaskHandler} that is given its payload as an object. The same rules hold for it.
 *
 * @param <P> what the payload is bound to
 */
@FunctionalInterface
public interface PayloadHandler<P extends @Nullable Object> {

    /**
     * Does the work of one task.
     *
     * @param payload the payload; null where it is JSON's null
     * @param task the task; never null
     * @return a result as {@link TaskHandler#handle} returns it; null for none
     * @throws Exception as there
     */
    @Nullable
    Object handle(P payload, TaskContext task) throws Exception;
}
