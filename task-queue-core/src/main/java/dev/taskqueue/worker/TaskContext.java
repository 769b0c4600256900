package dev.taskqueue.worker;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a handler knows of its task. Thread-safe; {@code toString} is fit for a log line and leaves the payload out.
 */
public interface TaskContext {

    /**
     * @return the task's id
     */
    String id();

    /**
     * @return the task's type
     */
    String type();

    /**
     * @return which attempt this is: 1 for the first
     */
    int attempt();

    /**
     * @return how many more attempts may follow a failed first one
     */
    int maxRetries();

    /**
     * @return the payload; JSON's null where the task has none
     * @throws dev.taskqueue.PermanentFailureException if Java cannot hold a number in it, such as {@code 1e99999999999}
     */
    JsonNode payload();

    /**
     * Binds the payload to a class; properties that the class does not have are ignored.
     *
     * @param payloadType what to bind to
     * @param <T> what to bind to
     * @return the payload; null where it is JSON's null
     * @throws dev.taskqueue.PermanentFailureException if the payload does not fit: another attempt would not help
     */
    <T> T payload(Class<T> payloadType);

    /**
     * @return whether the attempt should end: it took too long, or the worker's grace period is over. The handler's thread
     *     is interrupted at the same moment
     */
    boolean isCancelled();
}
