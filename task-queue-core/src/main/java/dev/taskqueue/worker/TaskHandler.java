package dev.taskqueue.worker;

/**
 * Does the work of one type of task. Called by several threads at once, so that it must be thread-safe; and, as delivery
 * is at least once, now and then again for a task that it has already done.
 */
@FunctionalInterface
public interface TaskHandler {

    /**
     * Does the work of one task. Returning means success; throwing anything counts as a failed attempt, which is retried
     * as the {@link RetryPolicy} says while retries are left.
     *
     * @param task the task; never null
     * @return a result that is kept with the task's status: null for none, else anything Jackson can write; of JSON that
     *     is longer than 4 KiB, the size and the beginning. One that cannot be written is not kept, and the status says why
     * @throws dev.taskqueue.PermanentFailureException to skip the retries that are left
     * @throws dev.taskqueue.RetryLaterException to name the delay before the next attempt
     * @throws InterruptedException when the attempt is cancelled: it took too long, or the worker shuts down
     * @throws Exception for any other failed attempt
     */
    Object handle(TaskContext task) throws Exception;
}
