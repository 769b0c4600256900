package dev.taskqueue;

import dev.taskqueue.internal.TaskLimits;
import java.time.Duration;
import java.util.Objects;

/**
 * Thrown by a handler that knows when its task is worth another try, such as after a remote service's
 * {@code Retry-After}: it counts as a failed attempt, but the delay is the one given here instead of the
 * {@code RetryPolicy}'s.
 */
public class RetryLaterException extends TaskQueueException {

    private static final long serialVersionUID = 1L;

    /** Until the next attempt. */
    private final Duration delay;

    /**
     * @param delay how long to wait before the next attempt; zero or more
     */
    public RetryLaterException(Duration delay) {
        this(delay, "retry asked for in " + TaskLimits.millis(delay) + " ms");
    }

    /**
     * @param delay how long to wait before the next attempt; zero or more
     * @param message why; kept as the task's last error
     */
    public RetryLaterException(Duration delay, String message) {
        super(message);
        this.delay = Objects.requireNonNull(delay, "delay");
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay is " + delay + "; it must be zero or more");
        }
    }

    /**
     * @return how long to wait before the next attempt; zero or more
     */
    public Duration delay() {
        return delay;
    }
}
