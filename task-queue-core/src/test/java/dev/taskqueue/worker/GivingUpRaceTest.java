package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Handlers that return at the very moment at which they are given up on: no slot is freed twice, and none is lost. */
class GivingUpRaceTest {

    private static final int THREADS = 8;
    private static final int TASKS = 400;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CollectorRegistry registry = new CollectorRegistry();

    @Test
    void every_place_is_there_once_afterwards() {
        AtomicInteger running = new AtomicInteger();
        CountDownLatch release = new CountDownLatch(1);
        try (RedisBroker broker = redis.broker();
                Worker worker = QuickWorkers.of(broker)
                        .concurrency(THREADS)
                        .taskTimeout(Duration.ofMillis(1))
                        .timings(QuickWorkers.TIMINGS.withInterruptedPatience(Duration.ofMillis(1)))
                        .metrics(new WorkerMetrics(registry))
                        .handler("deaf", task -> {
                            // The watchdog looks every 50 ms: it interrupts at one look and gives up at the next.
                            long end = System.nanoTime()
                                    + Duration.ofMillis(
                                                    ThreadLocalRandom.current().nextLong(40, 120))
                                            .toNanos();
                            while (System.nanoTime() - end < 0) {
                                Thread.yield();
                            }
                            return null;
                        })
                        .handler("hold", task -> {
                            running.incrementAndGet();
                            release.await();
                            return null;
                        })
                        .start()) {
            broker.enqueueAll(IntStream.range(0, TASKS)
                    .mapToObj(i -> Task.of("deaf", i).withMaxRetries(0))
                    .toList());
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(broker.stats().dead()).isPositive();
            assertThat(registry.getSampleValue(
                            "go_task_queue_tasks_processed_total",
                            new String[] {"type", "status"},
                            new String[] {"deaf", "fail"}))
                    .isEqualTo((double) broker.stats().dead());
            broker.enqueueAll(IntStream.range(0, 3 * THREADS)
                    .mapToObj(i -> Task.of("hold", i).withTimeout(Duration.ofHours(1)))
                    .toList());
            await().atMost(PATIENCE)
                    .until(() -> running.get() == THREADS
                            && broker.stats().processing() == THREADS
                            && broker.stats().ready() == 2 * THREADS);
            assertThat(worker.health().notReady()).isEmpty();
            await().untilAsserted(() -> assertThat(registry.getSampleValue(
                            "go_task_queue_handlers_abandoned", new String[] {"queue"}, new String[] {redis.queue()}))
                    .isZero());
            release.countDown();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        }
        assertThat(running).hasValue(3 * THREADS);
    }
}
