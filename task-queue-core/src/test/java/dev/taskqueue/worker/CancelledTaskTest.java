package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cancellation;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is cancelled does not begin, or is interrupted, and ends as cancelled whatever it throws. */
@SuppressWarnings("try")
class CancelledTaskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CollectorRegistry registry = new CollectorRegistry();
    private final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private final Semaphore started = new Semaphore(0);
    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private Worker.Builder worker() {
        return QuickWorkers.of(broker)
                .concurrency(1)
                // So that it is not the beat that tells.
                .lease(Duration.ofMinutes(5))
                .metrics(new WorkerMetrics(registry))
                .listener(new WorkerListener() {
                    @Override
                    public void taskStarted(TaskContext task) {
                        begun.add(task.id());
                        started.release();
                    }

                    @Override
                    public void taskCancelled(TaskContext task, Duration runTime) {
                        told.add(task.id() + " " + task.cancelReason().orElse("-") + " " + !runTime.isZero());
                    }
                })
                .handler("fine", task -> null)
                .handler("sleeps", task -> {
                    Thread.sleep(60_000);
                    return null;
                });
    }

    private TaskStatus awaitEnd(String id) throws InterruptedException {
        return broker.await(id, PATIENCE).orElseThrow();
    }

    private double counted(String type) {
        Double value = registry.getSampleValue(
                "go_task_queue_cancelled_total", new String[] {"queue", "type"}, new String[] {redis.queue(), type});
        return value == null ? 0 : value;
    }

    /** What a cancel leaves that did not find the entry, as it moved meanwhile. */
    private void leaveTombstone(String id) {
        redis.client().hset(redis.key("cancelled"), id, System.currentTimeMillis() + " why");
    }

    @Test
    void a_running_one_is_interrupted_within_seconds_and_never_retried() throws Exception {
        try (Worker worker = worker().start()) {
            Task task = Task.of("sleeps", 1).withIdempotencyKey("k");
            broker.enqueue(task);
            started.acquire();
            assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REQUESTED);
            // A run of a minute would be cut off by its interrupt alone.
            TaskStatus status = broker.await(task.id(), Duration.ofSeconds(30)).orElseThrow();
            assertThat(status.state()).isEqualTo(TaskState.CANCELLED);
            assertThat(status.cancelReason()).contains("why");
            assertThat(status.attempts()).isOne();
            assertThat(told).containsExactly(task.id() + " why true");
            assertThat(counted("sleeps")).isOne();
            assertThat(redis.client().exists(redis.key("idempotency:k"))).isFalse();
            String next = broker.enqueue("fine", 1).id();
            assertThat(awaitEnd(next).state()).isEqualTo(TaskState.SUCCEEDED);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(broker.stats().unfinished() + broker.stats().dead()).isZero();
    }

    @Test
    void it_ends_as_cancelled_whatever_it_throws_and_succeeds_where_it_returns() throws Exception {
        try (Worker worker = worker().concurrency(2)
                .handler("throws", task -> {
                    awaitCancel(task);
                    throw new IllegalStateException(task.cancelReason().orElse("none"));
                })
                .handler("returns", task -> {
                    awaitCancel(task);
                    return task.cancelReason().orElse("none");
                })
                .start()) {
            String throwing =
                    broker.enqueue(Task.of("throws", 1).withMaxRetries(0)).id();
            String returning = broker.enqueue("returns", 1).id();
            started.acquire(2);
            assertThat(broker.cancel(throwing)).isEqualTo(Cancellation.REQUESTED);
            assertThat(broker.cancel(returning, "stop")).isEqualTo(Cancellation.REQUESTED);
            assertThat(awaitEnd(throwing).state()).isEqualTo(TaskState.CANCELLED);
            assertThat(awaitEnd(throwing).cancelReason()).isEmpty();
            assertThat(awaitEnd(returning).state()).isEqualTo(TaskState.SUCCEEDED);
            assertThat(awaitEnd(returning).result()).contains("\"stop\"");
            assertThat(told).containsExactly(throwing + " - true");
        }
    }

    private static void awaitCancel(TaskContext task) {
        while (!task.isCancelled()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void one_that_fails_by_itself_before_its_worker_has_heard_of_it_is_neither_retried_nor_dead() throws Exception {
        try (Worker worker = worker().handler("fails", task -> {
                    broker.cancel(task.id(), "why");
                    throw new IllegalStateException("at once");
                })
                .start()) {
            for (int retries : new int[] {0, 5}) {
                Task task = Task.of("fails", 1).withMaxRetries(retries);
                broker.enqueue(task);
                TaskStatus status = awaitEnd(task.id());
                assertThat(status.state()).isEqualTo(TaskState.CANCELLED);
                assertThat(status.cancelReason()).contains("why");
                assertThat(status.attempts()).isOne();
                await().until(() -> told.contains(task.id() + " why true"));
            }
            assertThat(counted("fails")).isEqualTo(2);
            assertThat(registry.getSampleValue(
                            "go_task_queue_tasks_processed_total",
                            new String[] {"type", "status"},
                            new String[] {"fails", "fail"}))
                    .isIn(null, 0.0);
        }
        assertThat(told).hasSize(2);
        assertThat(broker.stats().unfinished() + broker.stats().dead()).isZero();
    }

    @Test
    void one_that_timed_out_before_is_not_retried_either() throws Exception {
        try (Worker worker = worker().handler("late", task -> {
                    awaitCancel(task);
                    while (task.cancelReason().isEmpty()) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    throw new IllegalStateException("late");
                })
                .start()) {
            String id = broker.enqueue(Task.of("late", 1).withTimeout(Duration.ofMillis(10)))
                    .id();
            started.acquire();
            broker.cancel(id, "why");
            assertThat(awaitEnd(id).state()).isEqualTo(TaskState.CANCELLED);
        }
    }

    @Test
    void a_handler_that_ignores_its_interrupt_is_given_up_on() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (Worker worker = worker().timings(QuickWorkers.TIMINGS.withInterruptedPatience(Duration.ofMillis(100)))
                .handler("deaf", task -> {
                    for (boolean done = false; !done; ) {
                        try {
                            release.await();
                            done = true;
                        } catch (InterruptedException e) {
                            // Deaf.
                        }
                    }
                    return null;
                })
                .start()) {
            String id = broker.enqueue("deaf", 1).id();
            started.acquire();
            broker.cancel(id, "why");
            assertThat(awaitEnd(id).state()).isEqualTo(TaskState.CANCELLED);
            String next = broker.enqueue("fine", 1).id();
            assertThat(awaitEnd(next).state()).isEqualTo(TaskState.SUCCEEDED);
            release.countDown();
        }
    }

    @Test
    void what_was_missed_where_it_waited_never_begins_whichever_way_it_is_claimed() throws Exception {
        Task waits = Task.of("fine", 1).withIdempotencyKey("k");
        Task delayed = Task.of("fine", 2).in(Duration.ofMillis(1_500));
        leaveTombstone(waits.id());
        leaveTombstone(delayed.id());
        leaveTombstone("bare");
        broker.enqueueAll(List.of(waits, delayed, Task.of("fine", 3)));
        try (Worker worker = worker().start()) {
            await().until(worker::isReady);
            redis.client().lpush(redis.queue(), "{\"id\":\"bare\",\"type\":\"nobody's\"}");
            String after = broker.enqueue("fine", 4).id();
            assertThat(awaitEnd(after).state()).isEqualTo(TaskState.SUCCEEDED);
            for (String id : new String[] {waits.id(), delayed.id(), "bare"}) {
                assertThat(awaitEnd(id).state()).as(id).isEqualTo(TaskState.CANCELLED);
                assertThat(begun).doesNotContain(id);
                assertThat(told).contains(id + " why false");
            }
            assertThat(counted("fine")).isEqualTo(2);
            assertThat(counted("unknown")).isOne();
        }
        assertThat(begun).hasSize(2);
        assertThat(broker.stats().unfinished()).isZero();
        assertThat(redis.client().exists(redis.key("idempotency:k"))).isFalse();
    }

    @Test
    void what_waits_behind_a_busy_runner_of_its_worker_never_begins() throws Exception {
        try (Worker worker = worker().concurrency(1).start()) {
            String first = broker.enqueue("sleeps", 1).id();
            started.acquire();
            String second = broker.enqueue("fine", 2).id();
            assertThat(broker.cancel(second, "why")).isIn(Cancellation.REMOVED, Cancellation.REQUESTED);
            broker.cancel(first, "why");
            assertThat(awaitEnd(first).state()).isEqualTo(TaskState.CANCELLED);
            assertThat(awaitEnd(second).state()).isEqualTo(TaskState.CANCELLED);
        }
        assertThat(begun).hasSize(1);
    }

    @Test
    void a_paused_queue_keeps_what_is_cancelled_and_ends_it_once_it_is_resumed() throws Exception {
        Task task = Task.of("fine", 1);
        leaveTombstone(task.id());
        redis.client().set(redis.key("paused"), "1");
        broker.enqueue(task);
        try (Worker worker = worker().start()) {
            await().until(() -> !worker.health().toString().isEmpty());
            redis.client().del(redis.key("paused"));
            assertThat(awaitEnd(task.id()).state()).isEqualTo(TaskState.CANCELLED);
        }
        assertThat(begun).isEmpty();
    }

    @Test
    void with_a_wrong_type_in_place_of_the_tombstones_tasks_run() throws Exception {
        redis.client().lpush(redis.key("cancelled"), "x");
        String queued = broker.enqueue("fine", 1).id();
        try (Worker worker = worker().start()) {
            assertThat(awaitEnd(queued).state()).isEqualTo(TaskState.SUCCEEDED);
            for (int i = 0; i < 5; i++) {
                assertThat(awaitEnd(broker.enqueue("fine", i).id()).state()).isEqualTo(TaskState.SUCCEEDED);
            }
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void one_of_a_queue_among_several_is_stopped_too() throws Exception {
        String other = redis.queue() + "-other";
        try (RedisBroker view = broker.queue(other);
                Worker worker = worker().queue(redis.queue())
                        .queue(other)
                        .concurrency(2)
                        .start()) {
            String id = view.enqueue("sleeps", 1).id();
            started.acquire();
            assertThat(view.cancel(id, "why")).isEqualTo(Cancellation.REQUESTED);
            Optional<TaskStatus> end = view.await(id, Duration.ofSeconds(30));
            assertThat(end.orElseThrow().state()).isEqualTo(TaskState.CANCELLED);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void the_beat_tells_where_the_look_at_what_is_due_cannot() throws Exception {
        redis.client().lpush(redis.key("scheduled"), "x");
        try (Worker worker = worker().lease(Duration.ofSeconds(1)).start()) {
            String id = broker.enqueue("sleeps", 1).id();
            started.acquire();
            leaveTombstone(id);
            TaskStatus status = broker.await(id, Duration.ofSeconds(30)).orElseThrow();
            assertThat(status.state()).isEqualTo(TaskState.CANCELLED);
        }
    }
}
