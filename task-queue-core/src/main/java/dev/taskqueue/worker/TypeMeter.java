package dev.taskqueue.worker;

import dev.taskqueue.broker.Outcome;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.time.Duration;
import java.util.Optional;

/** The figures of one type of task, each looked up once. */
final class TypeMeter {

    private final Counter.Child succeeded;
    private final Counter.Child failed;
    private final Histogram.Child duration;
    private final Counter.Child retried;
    private final Counter.Child died;
    private final Counter.Child duplicates;

    TypeMeter(
            Counter.Child succeeded,
            Counter.Child failed,
            Histogram.Child duration,
            Counter.Child retried,
            Counter.Child died,
            Counter.Child duplicates) {
        this.succeeded = succeeded;
        this.failed = failed;
        this.duration = duration;
        this.retried = retried;
        this.died = died;
        this.duplicates = duplicates;
    }

    /**
     * Counts an outcome; to be called once it is committed.
     *
     * @param runTime how long its handler took; empty where none was started
     */
    void count(Outcome outcome, Optional<Duration> runTime) {
        if (runTime.isPresent()) {
            duration.observe(runTime.get().toNanos() / 1e9);
        }
        if (outcome instanceof Outcome.Succeeded) {
            succeeded.inc();
        } else if (outcome instanceof Outcome.Retry) {
            failed.inc();
            retried.inc();
        } else if (outcome instanceof Outcome.Dead) {
            failed.inc();
            died.inc();
        } else if (outcome instanceof Outcome.Duplicate) {
            duplicates.inc();
        }
    }

    void countDead(int tasks) {
        died.inc(tasks);
    }
}
