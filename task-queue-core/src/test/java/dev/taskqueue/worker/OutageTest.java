package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A Redis that is away for longer than a lease has heard from nobody, and holds nobody for dead: what ran when it went, and
 * still runs when it is back, runs once.
 */
class OutageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final int TASKS = 8;

    /** Who speaks first when Redis is back is a matter of chance. */
    private static final int OUTAGES = 2;

    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
    private final CountDownLatch finish = new CountDownLatch(1);
    private RedisProcess redis;
    private RedisBroker broker;

    @BeforeEach
    void open() {
        redis = RedisProcess.start();
        RedisSettings settings = redis.settings().toBuilder()
                .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1))
                .build();
        broker = RedisBroker.at(settings).build();
    }

    @AfterEach
    void close() {
        finish.countDown();
        broker.close();
        redis.close();
    }

    private Worker startWorker() {
        return QuickWorkers.of(broker)
                .concurrency(TASKS)
                .lease(LEASE)
                .handler("long", task -> {
                    runs.computeIfAbsent(task.id(), id -> new AtomicInteger()).incrementAndGet();
                    finish.await();
                    return null;
                })
                .start();
    }

    private List<Task> tasks() {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            Task task = Task.of("long", i);
            tasks.add(i % 2 == 0 ? task : task.withIdempotencyKey("key-" + i));
        }
        return tasks;
    }

    private static void outlastTheLease() {
        await().pollDelay(LEASE.plusMillis(500)).until(() -> true);
    }

    private void assertEachRunsOnceThrough(Runnable outage) {
        try (Worker one = startWorker();
                Worker two = startWorker()) {
            await().atMost(PATIENCE).until(() -> one.isReady() && two.isReady());
            List<Task> tasks = tasks();
            // One by one, so that both get some.
            tasks.forEach(broker::enqueue);
            await().atMost(PATIENCE).until(() -> runs.size() == TASKS);
            for (int i = 0; i < OUTAGES; i++) {
                outage.run();
                await().atMost(PATIENCE).until(() -> one.isReady() && two.isReady());
            }
            // So long that whatever was taken back would be seen to run again.
            await().pollDelay(LEASE).until(() -> true);
            finish.countDown();
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                    .until(() -> broker.stats().unfinished() == 0);
            assertThat(runs.values()).as("how often each ran").allMatch(count -> count.get() == 1);
            assertThat(tasks)
                    .allSatisfy(task -> assertThat(
                                    broker.status(task.id()).orElseThrow().state())
                            .isEqualTo(TaskState.SUCCEEDED));
            assertThat(broker.stats().dead()).isZero();
        }
    }

    @Test
    void tasks_run_once_through_a_redis_that_hangs() {
        assertEachRunsOnceThrough(() -> {
            Signal.send(redis.pid(), "STOP");
            outlastTheLease();
            Signal.send(redis.pid(), "CONT");
        });
    }

    @Test
    void tasks_run_once_through_a_redis_that_is_killed_and_restarted() {
        assertEachRunsOnceThrough(() -> {
            redis.kill();
            outlastTheLease();
            redis.restart();
        });
    }
}
