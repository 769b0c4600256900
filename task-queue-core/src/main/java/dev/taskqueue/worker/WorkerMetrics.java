package dev.taskqueue.worker;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.Claim;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The figures of one or more workers, in a Prometheus registry. Share one among all workers whose figures go to the same
 * registry. Thread-safe. A task whose type no handler was registered for counts under the type {@code unknown}, so that
 * what producers send never becomes a label.
 */
public final class WorkerMetrics {

    /** The label of types that have no handler. */
    static final String UNKNOWN_TYPE = "unknown";

    private static final double[] DURATION_BUCKETS = {
        .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300
    };
    private static final double[] WAIT_BUCKETS = {.001, .005, .01, .05, .1, .5, 1, 5, 10, 30, 60, 300, 900, 3600};

    private final Counter processed;
    private final Histogram duration;
    private final Counter retries;
    private final Counter dead;
    private final Counter duplicates;
    private final Counter expired;
    private final Counter cancelled;
    private final Counter recovered;
    private final Counter trimmed;
    private final Counter malformed;
    private final Counter roleFailures;
    private final Gauge inFlight;
    private final Gauge abandoned;
    private final Histogram queueWait;
    private final QueueDepths depths;

    /**
     * @param registry where to register; no other {@code WorkerMetrics} may be there
     */
    public WorkerMetrics(CollectorRegistry registry) {
        processed = Counter.build("go_task_queue_tasks_processed", "Attempts that ended, by type and status.")
                .labelNames("type", "status")
                .register(registry);
        duration = Histogram.build("go_task_queue_task_duration_seconds", "How long a handler took, by type.")
                .labelNames("type")
                .buckets(DURATION_BUCKETS)
                .register(registry);
        retries = counter(registry, "retries", "Failed attempts that another one follows, by type.", "queue", "type");
        dead = counter(registry, "dead", "Tasks given up, by type.", "queue", "type");
        duplicates = counter(
                registry, "duplicates", "Tasks skipped as their idempotency key was done, by type.", "queue", "type");
        recovered = counter(registry, "recovered", "Tasks taken back from workers that fell silent.", "queue");
        trimmed = counter(registry, "dead_letters_trimmed", "Dead letters beyond their bounds, taken away.", "queue");
        malformed = counter(registry, "malformed", "Entries buried because they are no task.", "queue");
        expired = counter(registry, "expired", "Tasks that had not begun in time, by type.", "queue", "type");
        cancelled = counter(registry, "cancelled", "Cancelled tasks that a worker ended, by type.", "queue", "type");
        roleFailures = counter(
                registry,
                "role_failures",
                "Turns of a worker's background roles that failed, by role; the watchdog has no queue.",
                "queue",
                "role");
        inFlight = Gauge.build("go_task_queue_tasks_in_flight", "Handlers that run right now.")
                .labelNames("queue")
                .register(registry);
        queueWait = Histogram.build(
                        "go_task_queue_queue_wait_seconds",
                        "From a task's creation to the start of its first attempt; the clocks are those of two machines.")
                .labelNames("queue")
                .buckets(WAIT_BUCKETS)
                .register(registry);
        abandoned = Gauge.build(
                        "go_task_queue_handlers_abandoned", "Handlers that took too long and ignore their interrupt.")
                .labelNames("queue")
                .register(registry);
        depths = new QueueDepths().register(registry);
    }

    private static Counter counter(CollectorRegistry registry, String name, String help, String... labels) {
        return Counter.build("go_task_queue_" + name, help).labelNames(labels).register(registry);
    }

    /** What counts a worker's tasks, by its queues and the types that it has handlers for. */
    WorkerListener listener(List<String> queues, Set<String> types) {
        return new MetricsListener(this, queues, types);
    }

    /** Makes the rare figures of a queue 0: a series that began with its first event would hide it from {@code increase()}. */
    void begin(String queue) {
        recovered.labels(queue);
        trimmed.labels(queue);
    }

    void trimmed(String queue, long letters) {
        trimmed.labels(queue).inc(letters);
    }

    void recovered(String queue, int tasks) {
        recovered.labels(queue).inc(tasks);
    }

    TypeMeter type(String queue, String type) {
        return new TypeMeter(
                processed.labels(type, "success"),
                processed.labels(type, "fail"),
                duration.labels(type),
                retries.labels(queue, type),
                dead.labels(queue, type),
                duplicates.labels(queue, type),
                expired.labels(queue, type),
                cancelled.labels(queue, type));
    }

    void roleFailed(String queue, String role) {
        roleFailures.labels(queue, role).inc();
    }

    QueueMeter queue(RedisBroker broker) {
        depths.add(broker);
        return new QueueMeter(broker);
    }

    /** The figures of one worker that do not belong to a type. */
    final class QueueMeter implements AutoCloseable {

        private final RedisBroker broker;
        private final Counter.Child malformedEntries;
        private final Gauge.Child running;
        private final Gauge.Child stuck;
        private final Histogram.Child wait;
        private final AtomicBoolean open = new AtomicBoolean(true);

        private QueueMeter(RedisBroker broker) {
            this.broker = broker;
            malformedEntries = malformed.labels(broker.queue());
            running = inFlight.labels(broker.queue());
            stuck = abandoned.labels(broker.queue());
            wait = queueWait.labels(broker.queue());
        }

        void started(Claim claim) {
            running.inc();
            if (claim.dated() && claim.task().retry() == 0) {
                wait.observe(Math.max(
                                0,
                                System.currentTimeMillis()
                                        - claim.task().history().createdAtMillis())
                        / 1e3);
            }
        }

        void left() {
            running.dec();
        }

        void abandoned(int change) {
            stuck.inc(change);
        }

        void malformed(int entries) {
            malformedEntries.inc(entries);
        }

        /** Ends this worker's claim to the queue's depth, which is read until the last one's has ended. */
        @Override
        public void close() {
            if (open.getAndSet(false)) {
                depths.remove(broker);
            }
        }
    }
}
