package dev.taskqueue;

/**
 * The root of every exception that task-queue throws of its own accord. Unchecked; its children are named for what the
 * caller can do: fix the input ({@link InvalidTaskException}), try again later ({@link BrokerUnavailableException}), try
 * again with the same ids ({@link OutcomeUnknownException}).
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
    public TaskQueueException(String message, Throwable cause) {
        super(message, cause);
    }
}
