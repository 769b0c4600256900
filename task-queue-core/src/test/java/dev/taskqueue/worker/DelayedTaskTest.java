package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.ShiftedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;

/** A task with a time never begins before it, by Redis' clock, and on an idle worker not long after it. */
class DelayedTaskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Half of what it takes on average where a promoter finds out by itself. */
    private static final long TOLD_MS = 250;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    /** When each task began, by Redis' clock, in ms. */
    private final Map<String, Long> begun = new ConcurrentHashMap<>();

    private final ConcurrentLinkedQueue<String> order = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private Worker.Builder recorder(RedisBroker of) {
        return Worker.of(of).handler("t", task -> {
            begun.merge(task.id(), redisMillis(), Math::min);
            order.add(task.id());
            return null;
        });
    }

    private long redisMillis() {
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port())) {
            return millis(jedis);
        }
    }

    private static long millis(Jedis jedis) {
        List<String> time = jedis.time();
        return Long.parseLong(time.get(0)) * 1_000 + Long.parseLong(time.get(1)) / 1_000;
    }

    private void awaitAll(List<Task> tasks) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(begun).hasSize(tasks.size()));
    }

    private void assertNoneEarly(List<Task> tasks) {
        tasks.forEach(task -> assertThat(begun.get(task.id())).isGreaterThanOrEqualTo(dueMillis(task)));
    }

    private static long dueMillis(Task task) {
        return task.runAt().orElseThrow().toEpochMilli();
    }

    private void push(Task task) {
        redis.client().lpush(redis.queue().getBytes(), broker.format(task));
    }

    private void add(long score, Task task) {
        redis.client().zadd(redis.key("scheduled").getBytes(), score, broker.format(task));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 86_400})
    void none_begins_early_whichever_way_it_came(long statusTtlSeconds) {
        Random random = new Random(7);
        List<Task> tasks = IntStream.range(0, 300)
                .mapToObj(i -> Task.of("t", i)
                        .withPriority(Priority.values()[i % 3])
                        .in(Duration.ofMillis(random.nextInt(2_500))))
                .toList();
        try (RedisBroker sender = redis.brokerBuilder()
                        .taskStatusTtl(Duration.ofSeconds(statusTtlSeconds))
                        .build();
                Worker one = recorder(sender).concurrency(3).start();
                Worker other = recorder(sender).concurrency(3).start()) {
            for (int i = 0; i < tasks.size(); i += 5) {
                sender.enqueue(tasks.get(i));
                push(tasks.get(i + 1));
                // Somebody else's idea of when it is due.
                add(dueMillis(tasks.get(i + 2)) - random.nextInt(2_000), tasks.get(i + 2));
                sender.enqueueAll(tasks.subList(i + 3, i + 5));
            }
            awaitAll(tasks);
            assertThat(one.isReady() && other.isReady()).isTrue();
            await().atMost(PATIENCE).until(() -> sender.stats().unfinished() == 0);
        }
        assertNoneEarly(tasks);
        assertThat(order).hasSameSizeAs(tasks);
    }

    @Test
    void a_clock_of_its_own_that_is_wrong_makes_no_task_early_or_late(@TempDir Path folder) throws Exception {
        ShiftedClock clock = ShiftedClock.in(folder).orElse(null);
        Assumptions.assumeTrue(clock != null, "a clock to shift");
        clock.shift(Duration.ofMinutes(-10));
        try (RedisProcess shifted = RedisProcess.start(clock.environment());
                RedisBroker far = RedisBroker.at(shifted.settings()).build();
                Jedis jedis =
                        new Jedis(shifted.settings().host(), shifted.settings().port());
                Worker worker = Worker.of(far)
                        .handler("t", task -> begun.put(task.id(), millis(jedis)))
                        .concurrency(1)
                        .start()) {
            List<Task> tasks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                tasks.add(Task.of("t", i).at(Instant.ofEpochMilli(redisNow(shifted) + 200 + 20 * i)));
            }
            far.enqueueAll(tasks.subList(0, 5));
            tasks.subList(5, 10).forEach(task -> jedisPush(shifted, far, task));
            awaitAll(tasks);
            assertThat(worker.isReady()).isTrue();
            assertNoneEarly(tasks);
        }
    }

    private static long redisNow(RedisProcess shifted) {
        try (Jedis jedis =
                new Jedis(shifted.settings().host(), shifted.settings().port())) {
            return millis(jedis);
        }
    }

    private static void jedisPush(RedisProcess shifted, RedisBroker far, Task task) {
        try (Jedis jedis =
                new Jedis(shifted.settings().host(), shifted.settings().port())) {
            jedis.lpush(far.queue().getBytes(), far.format(task));
        }
    }

    @Test
    void what_another_process_schedules_for_soon_is_not_found_by_chance() {
        assertToldOf(broker::enqueue);
    }

    @Test
    void what_is_pushed_bare_is_not_found_by_chance() {
        assertToldOf(this::push);
    }

    @Test
    void beside_tasks_that_are_due_at_once_it_is_told_of_too() {
        assertToldOf(task -> broker.enqueueAll(List.of(Task.of("other", 1), task, Task.of("other", 2))));
    }

    /** On average, as one look may come by chance, and one may come late by the machine's. */
    private void assertToldOf(Consumer<Task> send) {
        int rounds = 20;
        long late = 0;
        try (Worker worker =
                recorder(broker).concurrency(2).handler("other", task -> null).start()) {
            await().until(worker::isReady);
            // Known to the promoter, and later than each of the others.
            broker.enqueue(Task.of("t", -1).in(Duration.ofHours(1)));
            for (int i = 0; i < rounds; i++) {
                Task task = Task.of("t", i).in(Duration.ofMillis(100 + i));
                send.accept(task);
                await().atMost(PATIENCE).until(() -> begun.containsKey(task.id()));
                assertNoneEarly(List.of(task));
                late += begun.get(task.id()) - dueMillis(task);
            }
        }
        assertThat(late / rounds).as("mean ms late").isLessThan(TOLD_MS);
    }

    @Test
    void due_order_is_kept() {
        List<Task> tasks = new ArrayList<>();
        Instant first = Instant.now().plusMillis(400);
        for (int i = 0; i < 500; i++) {
            tasks.add(Task.of("t", i).at(first.plusMillis(i)));
        }
        List<String> expected = tasks.stream().map(Task::id).toList();
        java.util.Collections.shuffle(tasks, new Random(3));
        try (Worker worker = recorder(broker).concurrency(1).start()) {
            broker.enqueueAll(tasks);
            awaitAll(tasks);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(order).containsExactlyElementsOf(expected);
        assertNoneEarly(tasks);
    }

    @Test
    void a_paused_queue_neither_loses_it_nor_goes_round_with_it() throws Exception {
        try (Worker worker = recorder(broker).concurrency(2).start()) {
            await().until(worker::isReady);
            redis.client().set(redis.key("paused"), "{}");
            Task ours = Task.of("t", 1).in(Duration.ofMillis(600));
            broker.enqueue(ours);
            Task bare = Task.of("t", 2).in(Duration.ofMillis(700));
            push(bare);
            await().until(() -> redisMillis() > dueMillis(bare) + 300);
            assertThat(begun).isEmpty();
            long before = commands();
            Thread.sleep(2_000);
            assertThat(commands() - before)
                    .as("commands in two seconds of pause")
                    .isLessThan(100);
            assertThat(broker.stats().unfinished()).isEqualTo(2);
            redis.client().del(redis.key("paused"));
            awaitAll(List.of(ours, bare));
        }
        assertThat(order).hasSize(2);
    }

    private long commands() {
        return redis.client()
                .info("commandstats")
                .lines()
                .filter(line -> line.matches("cmdstat_(evalsha|blmove|lmove|rpush|lpush|zadd):.*"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
                .sum();
    }

    @Test
    void shutting_down_leaves_it_for_its_time() {
        Task task = Task.of("t", 1).in(Duration.ofSeconds(3));
        Worker first =
                recorder(broker).concurrency(1).timings(QuickWorkers.TIMINGS).start();
        await().until(first::isReady);
        push(task);
        first.close();
        assertThat(broker.stats().unfinished()).isOne();
        // It is scheduled, or on its lane still, where the worker never saw it.
        assertThat(begun).isEmpty();
        try (Worker second = recorder(broker).concurrency(1).start()) {
            awaitAll(List.of(task));
            assertThat(second.isReady()).isTrue();
        }
        assertNoneEarly(List.of(task));
    }

    @Test
    void one_that_has_run_and_waits_for_a_retry_is_not_delayed_anew() throws Exception {
        CountDownLatch twice = new CountDownLatch(2);
        try (Worker worker = Worker.of(broker)
                .concurrency(1)
                .retryPolicy((task, failure) -> Duration.ofMillis(50))
                .handler("t", task -> {
                    twice.countDown();
                    assertThat(task.runAt()).isPresent();
                    if (task.attempt() == 1) {
                        throw new IllegalStateException("once");
                    }
                    return null;
                })
                .start()) {
            Task task = Task.of("t", 1).in(Duration.ofMillis(100));
            broker.enqueue(task);
            assertThat(broker.await(task.id(), PATIENCE).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(twice.getCount()).isZero();
    }
}
