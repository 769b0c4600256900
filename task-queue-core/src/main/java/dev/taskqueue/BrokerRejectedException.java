package dev.taskqueue;

/**
 * Redis answers and will not have us: the password or the user is wrong, or it is too old. Trying again does not help;
 * somebody must change a setting.
 */
public class BrokerRejectedException extends BrokerUnavailableException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong, and what to change
     * @param cause the client's own exception, or null
     */
    public BrokerRejectedException(String message, Throwable cause) {
        super(message, cause);
    }
}
