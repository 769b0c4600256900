package dev.taskqueue.broker.internal;

import dev.taskqueue.TaskStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Looks at a task's status now and then until it is final. */
final class FinalStatus {

    private static final long FIRST_LOOK_NANOS = Duration.ofMillis(5).toNanos();
    private static final long LATER_LOOKS_NANOS = Duration.ofMillis(250).toNanos();

    private FinalStatus() {}

    static Optional<TaskStatus> await(BrokerLimits limits, Supplier<Optional<TaskStatus>> look, Duration atMost)
            throws InterruptedException {
        if (!limits.tracksStatus()) {
            throw new IllegalStateException("statuses are not kept (taskStatusTtl is zero): no end can be awaited");
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        for (long pauseNanos = FIRST_LOOK_NANOS; ; pauseNanos = Math.min(2 * pauseNanos, LATER_LOOKS_NANOS)) {
            Optional<TaskStatus> status = look.get();
            if (status.isPresent() && status.get().state().isFinal()) {
                return status;
            }
            long leftNanos = deadline - System.nanoTime();
            if (leftNanos <= 0) {
                return Optional.empty();
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(pauseNanos, leftNanos));
        }
    }
}
