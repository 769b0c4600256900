package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * Redis refused this client, and nothing was carried out: the user, the password or the database is wrong, the user may not
 * run a command, or the server is too old or its queue too new. Calling again does not help; change the settings.
 */
public class BrokerRejectedException extends TaskQueueException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong, and what to change
     * @param cause the client's own exception, or null
     */
    public BrokerRejectedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
