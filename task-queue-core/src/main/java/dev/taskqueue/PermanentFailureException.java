package dev.taskqueue;

/**
 * Thrown by a handler that knows that its task can never succeed: the retries that are left are skipped and the task goes
 * to the dead letters at once.
 */
public class PermanentFailureException extends TaskQueueException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message why the task can never succeed; kept with the dead letter
     */
    public PermanentFailureException(String message) {
        super(message);
    }

    /**
     * @param message why the task can never succeed; kept with the dead letter
     * @param cause the fault behind it
     */
    public PermanentFailureException(String message, Throwable cause) {
        super(message, cause);
    }
}
