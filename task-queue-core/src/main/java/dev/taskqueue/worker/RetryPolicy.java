package dev.taskqueue.worker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Says how long a task waits after a failed attempt. Must be thread-safe. */
@FunctionalInterface
public interface RetryPolicy {

    /**
     * @param task the task whose attempt failed
     * @param failure what its handler threw
     * @return how long to wait before the next attempt; zero or more
     */
    Duration delayAfter(TaskContext task, Throwable failure);

    /**
     * Exponential backoff with full jitter: after the n-th failed attempt the delay is drawn evenly from zero to
     * {@code base · 2ⁿ⁻¹}, or to {@code max} where that is less. The jitter keeps tasks that failed together from coming
     * back together.
     *
     * @param base the longest delay after the first failed attempt; 1 ms or more
     * @param max the longest delay of all; not less than base
     * @return the policy
     * @throws IllegalArgumentException if base or max is out of its range
     */
    static RetryPolicy exponential(Duration base, Duration max) {
        if (base.toMillis() < 1 || max.compareTo(base) < 0) {
            throw new IllegalArgumentException("backoff is " + base + " to " + max
                    + "; the base must be 1 ms or more, and the maximum not less than the base");
        }
        long baseMillis = base.toMillis();
        long maxMillis = max.toMillis();
        return (task, failure) -> {
            int doublings = Math.min(task.attempt() - 1, Long.numberOfLeadingZeros(baseMillis) - 1);
            long ceiling = Math.min(baseMillis << doublings, maxMillis);
            return Duration.ofMillis(ThreadLocalRandom.current().nextLong(ceiling + 1));
        };
    }
}
