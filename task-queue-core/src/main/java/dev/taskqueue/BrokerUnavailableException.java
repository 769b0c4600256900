package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * Redis certainly did not carry out what was asked: it could not be reached, is loading, is full, or answered with an error.
 * Call again, later. Of an enqueue nothing was accepted; where that is not certain, {@link OutcomeUnknownException} is thrown
 * instead.
 */
public class BrokerUnavailableException extends TaskQueueException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what Redis was asked, and what came back
     * @param cause the client's own exception
     */
    public BrokerUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
