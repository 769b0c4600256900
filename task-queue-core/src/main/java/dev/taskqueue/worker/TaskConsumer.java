package dev.taskqueue.worker;

/** A {@link TaskHandler} without a result. The same rules hold for it. */
@FunctionalInterface
public interface TaskConsumer {

    /**
     * Does the work of one task.
     *
     * @param task the task; never null
     * @throws Exception as {@link TaskHandler#handle} does
     */
    void accept(TaskContext task) throws Exception;
}
