package dev.taskqueue;

/**
 * Redis did not do what was asked: it could not be reached, is loading, refuses writes, or answered with an error. For an
 * enqueue it says that <em>nothing</em> was accepted, so that the call may simply be made again; where that is not
 * certain, {@link OutcomeUnknownException} is thrown instead.
 */
public class BrokerUnavailableException extends TaskQueueException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what Redis was asked, and what came back
     * @param cause the client's own exception
     */
    public BrokerUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
