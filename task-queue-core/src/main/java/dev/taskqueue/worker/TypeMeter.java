package dev.taskqueue.worker;

import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.time.Duration;

/** The figures of one type of task, each looked up once. */
final class TypeMeter {

    private final Counter.Child succeeded;
    private final Counter.Child failed;
    private final Histogram.Child duration;
    private final Counter.Child retried;
    private final Counter.Child died;
    private final Counter.Child duplicates;
    private final Counter.Child expired;
    private final Counter.Child cancelled;

    TypeMeter(
            Counter.Child succeeded,
            Counter.Child failed,
            Histogram.Child duration,
            Counter.Child retried,
            Counter.Child died,
            Counter.Child duplicates,
            Counter.Child expired,
            Counter.Child cancelled) {
        this.succeeded = succeeded;
        this.failed = failed;
        this.duration = duration;
        this.retried = retried;
        this.died = died;
        this.duplicates = duplicates;
        this.expired = expired;
        this.cancelled = cancelled;
    }

    void succeeded(Duration runTime) {
        observe(runTime);
        succeeded.inc();
    }

    void retried(Duration runTime) {
        observe(runTime);
        failed.inc();
        retried.inc();
    }

    void died(Duration runTime) {
        observe(runTime);
        diedUnrun();
    }

    /** A task whose handler was not called. */
    void diedUnrun() {
        failed.inc();
        died.inc();
    }

    /** Tasks whose workers died of them. */
    void died(int tasks) {
        if (tasks > 0) {
            died.inc(tasks);
        }
    }

    void expired() {
        expired.inc();
    }

    void cancelled() {
        cancelled.inc();
    }

    void skipped() {
        duplicates.inc();
    }

    private void observe(Duration runTime) {
        duration.observe(runTime.toNanos() / 1e9);
    }
}
