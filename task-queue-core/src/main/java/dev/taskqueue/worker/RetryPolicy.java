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
     * Exponential backoff: after the n-th failed attempt the longest delay is {@code base · 4ⁿ⁻¹}, or {@code max} where that
     * is less, and the delay is drawn evenly from its upper half. So three retries from 15 s are spread over about five
     * minutes, which outlasts a short outage of what handlers call; and tasks that failed together do not come back together.
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
            long longest = baseMillis;
            for (int attempt = 1; attempt < task.attempt() && longest < maxMillis; attempt++) {
                longest = longest > maxMillis / 4 ? maxMillis : 4 * longest;
            }
            long shortest = longest / 2;
            return Duration.ofMillis(ThreadLocalRandom.current().nextLong(shortest, longest + 1));
        };
    }
}
