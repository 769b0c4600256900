package dev.taskqueue.broker.internal;

/** A broker was closed, and is used all the same. */
public final class BrokerClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    BrokerClosedException() {
        super("the broker is closed");
    }
}
