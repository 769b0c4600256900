package dev.taskqueue.internal.config;

import dev.taskqueue.TaskQueueException;

/** A setting has a value that is not allowed: the message names the setting, its value and what is allowed. */
public class InvalidSettingException extends TaskQueueException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the setting, its value and what is allowed
     */
    public InvalidSettingException(String message) {
        super(message);
    }
}
