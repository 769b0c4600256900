package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * A task or a schedule, or one of its fields, is not allowed: the message names the field, its value and what is allowed. Nothing was
 * sent to Redis. Fix the input; trying again does not help.
 */
public class InvalidTaskException extends TaskQueueException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the field, its value, and what is allowed
     */
    public InvalidTaskException(String message) {
        super(message);
    }

    /**
     * @param message the field, its value, and what is allowed
     * @param cause the fault behind it, or null
     */
    public InvalidTaskException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
