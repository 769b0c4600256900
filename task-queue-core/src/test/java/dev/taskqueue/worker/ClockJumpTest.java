package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.ShiftedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Redis' clock is set by people and programs: that neither hides a dead worker nor makes a living one look dead. */
class ClockJumpTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration JUMP = Duration.ofMinutes(10);
    private static final int TASKS = 6;

    @TempDir
    Path folder;

    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
    private final CountDownLatch finish = new CountDownLatch(1);
    private ShiftedClock clock;
    private RedisProcess redis;
    private RedisBroker broker;

    @BeforeEach
    void open() {
        Optional<ShiftedClock> found = ShiftedClock.in(folder);
        assumeTrue(found.isPresent(), "no C compiler, or no redis-server that can be preloaded");
        clock = found.get();
        redis = RedisProcess.start(clock.environment());
        broker = RedisBroker.at(redis.settings()).build();
    }

    @AfterEach
    void close() {
        finish.countDown();
        if (redis != null) {
            broker.close();
            redis.close();
        }
    }

    private Worker startWorker() {
        return QuickWorkers.of(broker)
                .concurrency(TASKS)
                .lease(LEASE)
                .handler("long", task -> {
                    count(task);
                    finish.await();
                    return null;
                })
                .handler(FleetWorker.RECORD, this::count)
                .start();
    }

    private Object count(TaskContext task) {
        return runs.computeIfAbsent(task.id(), id -> new AtomicInteger()).incrementAndGet();
    }

    private static List<Task> tasks(String type, int payload) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            Task task = Task.of(type, payload);
            tasks.add(i % 2 == 0 ? task : task.withIdempotencyKey("key-" + i));
        }
        return tasks;
    }

    private boolean hasSucceeded(Task task) {
        return broker.status(task.id()).orElseThrow().state() == TaskState.SUCCEEDED;
    }

    @Test
    void set_back_ten_minutes_it_hides_no_killed_worker() throws Exception {
        List<Task> tasks = tasks(FleetWorker.RECORD, 3_600_000);
        broker.enqueueAll(tasks);
        try (Fleet fleet = Fleet.start(folder, 1, redis.settings().address(), broker.queue(), TASKS, LEASE, 3)) {
            await().atMost(PATIENCE).until(() -> fleet.runs().size() == TASKS);
        }
        clock.shift(JUMP.negated());
        try (Worker worker = startWorker()) {
            await().atMost(PATIENCE).until(worker::isReady);
            long beganNanos = System.nanoTime();
            // Two leases by design; the rest is for a slow machine.
            await().atMost(LEASE.multipliedBy(10)).until(() -> tasks.stream().allMatch(this::hasSucceeded));
            System.out.printf("clock set back: recovered in %d ms%n", (System.nanoTime() - beganNanos) / 1_000_000);
        }
        assertThat(broker.stats().dead()).isZero();
    }

    @Test
    void set_ahead_ten_minutes_it_has_no_task_of_a_living_worker_run_twice() {
        try (Worker one = startWorker();
                Worker two = startWorker()) {
            await().atMost(PATIENCE).until(() -> one.isReady() && two.isReady());
            List<Task> tasks = tasks("long", 0);
            tasks.forEach(broker::enqueue);
            await().atMost(PATIENCE).until(() -> runs.size() == TASKS);
            // Each jump ends all leases and locks that a clock could end; who acts first is a matter of chance.
            for (int i = 1; i <= 3; i++) {
                clock.shift(JUMP.multipliedBy(i));
                await().pollDelay(LEASE).until(() -> one.isReady() && two.isReady());
            }
            finish.countDown();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(runs.values()).as("how often each ran").allMatch(count -> count.get() == 1);
            assertThat(tasks).allMatch(this::hasSucceeded);
            assertThat(broker.stats().dead()).isZero();
        }
    }
}
