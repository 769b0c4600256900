package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * The root of every exception that task-queue throws of its own accord. Unchecked; its children are siblings,
 * named for what the caller can do: fix the input ({@link InvalidTaskException}), call again later
 * ({@link BrokerUnavailableException}), call again with the same ids if the tasks have idempotency keys
 * ({@link OutcomeUnknownException}), or change the settings ({@link BrokerRejectedException}).
 */
public class TaskQueueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what happened, to what, and what to do
     */
    public TaskQueueException(String message) {
        super(message);
    }

    /**
     * @param message what happened, to what, and what to do
     * @param cause the fault behind it, or null
     */
    public TaskQueueException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
