package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What has not begun by its {@code expires_at} never begins, wherever it waited. */
class ExpiryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CollectorRegistry registry = new CollectorRegistry();
    private final WorkerMetrics metrics = new WorkerMetrics(registry);
    private final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private Worker.Builder worker() {
        return Worker.of(broker)
                .concurrency(1)
                .metrics(metrics)
                .listener(new WorkerListener() {
                    @Override
                    public void taskExpired(TaskContext task) {
                        told.add(task.id());
                    }
                })
                .handler("t", task -> begun.add(task.id()));
    }

    private static Task expired(Object payload) {
        return Task.of("t", payload).expiresAt(Instant.now().minusMillis(1));
    }

    private TaskStatus awaitEnd(Task task) throws InterruptedException {
        return broker.await(task.id(), PATIENCE).orElseThrow();
    }

    private double counted(String type) {
        Double value = registry.getSampleValue(
                "go_task_queue_expired_total", new String[] {"queue", "type"}, new String[] {redis.queue(), type});
        return value == null ? 0 : value;
    }

    private void assertExpired(Task task) throws InterruptedException {
        TaskStatus status = awaitEnd(task);
        assertThat(status.state()).isEqualTo(TaskState.EXPIRED);
        assertThat(redis.client().ttl(redis.key("task:" + task.id()))).isPositive();
        assertThat(begun).doesNotContain(task.id());
        assertThat(told).contains(task.id());
    }

    @Test
    void in_its_lane() throws Exception {
        List<Task> tasks = IntStream.range(0, 30).mapToObj(ExpiryTest::expired).toList();
        broker.enqueueAll(tasks);
        Task alive = Task.of("t", "alive").expiresIn(Duration.ofMinutes(5));
        broker.enqueue(alive);
        try (Worker worker = worker().start()) {
            assertThat(awaitEnd(alive).state()).isEqualTo(TaskState.SUCCEEDED);
            for (Task task : tasks) {
                assertExpired(task);
            }
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(counted("t")).isEqualTo(30);
        assertThat(broker.stats().dead()).isZero();
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void when_it_comes_to_a_worker_that_waits_for_it() throws Exception {
        try (Worker worker = worker().start()) {
            await().until(worker::isReady);
            Task unknown = Task.of("nobody's", 1).expiresAt(Instant.now().minusMillis(1));
            redis.client().lpush(redis.queue().getBytes(), broker.format(unknown));
            assertExpired(unknown);
            Task task = expired(1);
            broker.enqueue(task);
            assertExpired(task);
        }
        assertThat(counted("t")).isOne();
        assertThat(counted("unknown")).isOne();
    }

    @Test
    void behind_others_that_its_worker_has_claimed_too() throws Exception {
        try (Worker worker = worker().handler("slow", task -> {
                    // Not for so long that what waits behind it goes back.
                    Thread.sleep(80);
                    return null;
                })
                .start()) {
            // Short tasks, so that it claims ahead of its threads.
            List<Task> quick =
                    IntStream.range(0, 2_000).mapToObj(i -> Task.of("t", i)).toList();
            broker.enqueueAll(quick);
            awaitEnd(quick.get(1_999));
            Task task = Task.of("t", 1).expiresIn(Duration.ofMillis(60));
            broker.enqueueAll(List.of(Task.of("slow", 1), task));
            assertExpired(task);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void before_its_retry() throws Exception {
        try (Worker worker = worker().retryPolicy((task, failure) -> Duration.ofMillis(2_500))
                .handler("fails", task -> {
                    begun.add(task.id() + task.attempt());
                    throw new IllegalStateException("once");
                })
                .start()) {
            await().until(worker::isReady);
            Task task = Task.of("fails", 1).expiresIn(Duration.ofSeconds(2));
            broker.enqueue(task);
            assertExpired(task);
            assertThat(begun).containsExactly(task.id() + 1);
            assertThat(broker.status(task.id()).orElseThrow().attempts()).isOne();
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(broker.stats().dead()).isZero();
    }

    @Test
    void before_its_time() throws Exception {
        try (Worker worker = worker().start()) {
            await().until(worker::isReady);
            Task task = Task.of("t", 1).in(Duration.ofMillis(300)).expiresIn(Duration.ofMillis(100));
            broker.enqueue(task);
            assertExpired(task);
        }
    }

    @Test
    void without_taking_its_idempotency_key() throws Exception {
        Task first = expired(1).withIdempotencyKey("k");
        broker.enqueue(first);
        Task second = Task.of("t", 2).withIdempotencyKey("k");
        broker.enqueue(second);
        try (Worker worker = worker().start()) {
            assertThat(awaitEnd(second).state()).isEqualTo(TaskState.SUCCEEDED);
            assertExpired(first);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void without_statuses_too() {
        try (RedisBroker untracked =
                        redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build();
                Worker worker = Worker.of(untracked)
                        .metrics(metrics)
                        .handler("t", task -> begun.add(task.id()))
                        .start()) {
            untracked.enqueueAll(List.of(expired(1), Task.of("t", 2).expiresIn(Duration.ofMinutes(1)), expired(3)));
            await().atMost(PATIENCE).until(() -> untracked.stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(begun).hasSize(1);
        assertThat(counted("t")).isEqualTo(2);
    }
}
