package dev.taskqueue.broker.internal;

/** Bytes in a lane that are no task; the message says why. */
final class MalformedTaskException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedTaskException(String message, Throwable cause) {
        super(message, cause);
    }
}
