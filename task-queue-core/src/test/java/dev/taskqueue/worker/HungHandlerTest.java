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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HungHandlerTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CollectorRegistry registry = new CollectorRegistry();

    private Worker.Builder worker(RedisBroker broker) {
        return QuickWorkers.of(broker)
                .concurrency(1)
                .metrics(new WorkerMetrics(registry))
                .handler("fine", task -> null);
    }

    private Double abandoned() {
        return registry.getSampleValue(
                "go_task_queue_handlers_abandoned", new String[] {"queue"}, new String[] {redis.queue()});
    }

    private static void awaitState(RedisBroker broker, String id, TaskState state) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(broker.status(id).map(TaskStatus::state)).contains(state));
    }

    @Test
    void an_attempt_that_takes_too_long_is_interrupted_and_counts_as_failed() {
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker)
                        .taskTimeout(Duration.ofMillis(100))
                        .handler("slow", task -> {
                            Thread.sleep(60_000);
                            return null;
                        })
                        .start()) {
            String id = broker.enqueue(Task.of("slow", null).withMaxRetries(0)).id();
            awaitState(broker, id, TaskState.DEAD);
            assertThat(broker.status(id).orElseThrow().lastError().orElseThrow())
                    .contains("for taking too long");
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void a_task_names_its_own_limit_and_may_end_within_it() {
        AtomicInteger runs = new AtomicInteger();
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker)
                        .taskTimeout(Duration.ofMillis(50))
                        .handler("slow", task -> {
                            Thread.sleep(300);
                            return runs.incrementAndGet();
                        })
                        .start()) {
            String id = broker.enqueue(Task.of("slow", null).withTimeout(Duration.ofSeconds(30)))
                    .id();
            awaitState(broker, id, TaskState.SUCCEEDED);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void an_interrupt_never_reaches_the_next_task_of_the_same_thread() {
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker)
                        .taskTimeout(Duration.ofMillis(100))
                        .handler("stubborn", task -> {
                            while (!task.isCancelled()) {
                                LockSupport.parkNanos(1_000_000);
                            }
                            return null;
                        })
                        .handler("look", task -> Thread.interrupted())
                        .start()) {
            broker.enqueue(Task.of("stubborn", null).withMaxRetries(0));
            String id = broker.enqueue("look", null).id();
            awaitState(broker, id, TaskState.SUCCEEDED);
            assertThat(broker.status(id).orElseThrow().result()).contains("false");
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void a_handler_that_ignores_its_interrupt_is_given_up_on_and_its_place_is_taken() {
        CountDownLatch release = new CountDownLatch(1);
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker)
                        .taskTimeout(Duration.ofMillis(100))
                        .timings(QuickWorkers.TIMINGS.withInterruptedPatience(Duration.ofMillis(200)))
                        .handler("deaf", task -> {
                            boolean released = false;
                            while (!released) {
                                LockSupport.parkNanos(1_000_000);
                                Thread.interrupted();
                                released = release.getCount() == 0;
                            }
                            return null;
                        })
                        .start()) {
            String deaf =
                    broker.enqueue(Task.of("deaf", null).withMaxRetries(0)).id();
            String fine = broker.enqueue("fine", null).id();
            awaitState(broker, deaf, TaskState.DEAD);
            awaitState(broker, fine, TaskState.SUCCEEDED);
            assertThat(abandoned()).isEqualTo(1);
            assertThat(broker.stats().processing()).isZero();
            // As many are stuck as there are threads: the next one keeps its place, and nothing runs beside it.
            String second =
                    broker.enqueue(Task.of("deaf", null).withMaxRetries(0)).id();
            awaitState(broker, second, TaskState.DEAD);
            assertThat(abandoned()).isEqualTo(1);
            release.countDown();
            String last = broker.enqueue("fine", null).id();
            awaitState(broker, last, TaskState.SUCCEEDED);
            await().untilAsserted(() -> assertThat(abandoned()).isZero());
            assertThat(worker.isReady()).isTrue();
        }
    }
}
