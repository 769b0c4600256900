package dev.taskqueue.worker;

import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;

/**
 * What threads that must not die do about failures. Neither method throws, and a caller needs no memory to call them: where
 * a handler has eaten up the heap, to make a lambda or a duration fails as well.
 */
final class Failures {

    private Failures() {}

    /** Logs, if that can be done; if not, the cause will strike again while it lasts, and the next report tells it. */
    static void report(Logger log, String message, String key, String value, Throwable failure) {
        try {
            log.atError().addKeyValue(key, value).setCause(failure).log(message);
        } catch (Throwable t) {
            reportPlainly(log, message, failure);
        }
    }

    /** For an exception that cannot be printed, as its own methods throw. */
    private static void reportPlainly(Logger log, String message, Throwable failure) {
        try {
            log.error(message + ": " + failure.getClass().getName());
        } catch (Throwable t) {
            // Nothing can be said now.
        }
    }

    static void pause(long nanos) {
        long deadline = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = deadline - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }
}
