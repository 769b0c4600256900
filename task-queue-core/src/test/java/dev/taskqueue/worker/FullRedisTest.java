package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.Task;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Redis that is full for longer than a lease refuses every heartbeat: nobody is dead for that, and nobody storms it. */
class FullRedisTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final int MOST_COMMANDS_A_SECOND = 100;

    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
    private final AtomicInteger begun = new AtomicInteger();
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
        return builder().start();
    }

    private Worker.Builder builder() {
        return QuickWorkers.of(broker)
                .concurrency(4)
                .lease(LEASE)
                .handler("quick", this::count)
                .handler("long", task -> {
                    begun.incrementAndGet();
                    finish.await();
                    return count(task);
                });
    }

    private Object count(TaskContext task) {
        return runs.computeIfAbsent(task.id(), id -> new AtomicInteger()).incrementAndGet();
    }

    private void enqueue(String type, int count) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Task task = Task.of(type, i);
            tasks.add(i % 2 == 0 ? task : task.withIdempotencyKey(type + i));
        }
        broker.enqueueAll(tasks);
    }

    private void fill() {
        redis.command("CONFIG", "SET", "maxmemory", "1");
    }

    private void empty() {
        redis.command("CONFIG", "SET", "maxmemory", "0");
    }

    /** How often each was sent: those that were refused before they ran too, and those within scripts. */
    private Map<String, Long> commands() {
        Map<String, Long> counts = new TreeMap<>();
        for (String line :
                RedisProcess.text(redis.command("INFO", "commandstats")).split("\r?\n")) {
            String[] words = line.split("[:,]");
            for (String word : words) {
                if (word.startsWith("calls=") || word.startsWith("rejected_calls=")) {
                    counts.merge(
                            words[0].replace("cmdstat_", ""),
                            Long.parseLong(word.substring(word.indexOf('=') + 1)),
                            Long::sum);
                }
            }
        }
        return counts;
    }

    /** To empty its queue is the best that a worker can do for a full Redis, and no storm. */
    private void awaitNoMoreRuns() {
        int seen;
        do {
            seen = runs.size();
            await().pollDelay(LEASE).until(() -> true);
        } while (runs.size() > seen);
    }

    private void awaitAllDone(Worker... workers) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                .until(() -> broker.stats().unfinished() == 0);
        for (Worker worker : workers) {
            await().atMost(PATIENCE).until(worker::isReady);
        }
    }

    private void assertNothingWasTakenBack() {
        List<?> counts = (List<?>) redis.command("KEYS", "gopher_tasks:recoveries:*");
        assertThat(counts.stream().map(RedisProcess::text))
                .as("counts of recoveries")
                .isEmpty();
        assertThat(broker.stats().dead()).isZero();
        assertThat(runs.values()).as("how often each ran").allMatch(count -> count.get() == 1);
    }

    @Test
    void tasks_that_run_meanwhile_are_not_taken_back() {
        try (Worker one = startWorker();
                Worker two = startWorker()) {
            enqueue("long", 8);
            await().atMost(PATIENCE).until(() -> begun.get() == 8);
            enqueue("quick", 20);
            // Who speaks first when there is room again is a matter of chance.
            for (int i = 0; i < 2; i++) {
                fill();
                await().atMost(PATIENCE).until(() -> !one.isReady() && !two.isReady());
                await().pollDelay(LEASE.multipliedBy(3).dividedBy(2)).until(() -> true);
                empty();
                await().atMost(PATIENCE).until(() -> one.isReady() && two.isReady());
            }
            // So long that whoever was held for dead would be seen to run again.
            await().pollDelay(LEASE).until(() -> true);
            finish.countDown();
            awaitAllDone(one, two);
            assertThat(runs).hasSize(28);
            assertNothingWasTakenBack();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "100, 1", "0, 2", "100, 2"})
    void a_worker_asks_seldom_until_there_is_room_again(int waiting, int queues) {
        // With the waits that users have.
        Worker.Builder builder = builder().timings(Timings.DEFAULT);
        if (queues > 1) {
            builder.queue("gopher_tasks").queue("beside");
        }
        try (Worker worker = builder.start()) {
            await().atMost(PATIENCE).until(worker::isReady);
            redis.command("SET", "gopher_tasks:paused", "{}");
            enqueue("quick", waiting);
            fill();
            // Whatever waits becomes free to be claimed only now.
            redis.command("DEL", "gopher_tasks:paused");
            awaitNoMoreRuns();
            Map<String, Long> before = commands();
            long beganNanos = System.nanoTime();
            await().pollDelay(LEASE.multipliedBy(2)).until(() -> true);
            double seconds = (System.nanoTime() - beganNanos) / 1e9;
            Map<String, Long> sent = commands();
            before.forEach((command, count) -> sent.merge(command, -count, Long::sum));
            sent.values().removeIf(count -> count == 0);
            double perSecond = sent.values().stream().mapToLong(Long::longValue).sum() / seconds;
            System.out.printf("full Redis, %d waiting: %.0f commands a second: %s%n", waiting, perSecond, sent);
            empty();
            awaitAllDone(worker);
            assertThat(perSecond).as("commands a second: %s", sent).isLessThan(queues * MOST_COMMANDS_A_SECOND);
            assertThat(runs).hasSize(waiting);
            assertNothingWasTakenBack();
        }
    }

    @Test
    void dead_letters_can_be_deleted_and_tasks_purged_to_make_room() {
        enqueue("t", 60);
        for (int i = 0; i < 60; i++) {
            redis.command("LPUSH", broker.queue() + ":dead", "{\"id\":\"d" + i + "\",\"type\":\"t\",\"reason\":\"r\"}");
        }
        fill();
        assertThat(broker.deadLetters()
                        .delete(broker.deadLetters()
                                .list(DeadLetterFilter.ALL, Optional.empty(), 100)
                                .letters()))
                .hasSize(60);
        assertThat(broker.tasks()
                        .purge(
                                broker.tasks()
                                        .list(TaskFilter.READY, Optional.empty(), 100)
                                        .entries(),
                                "full"))
                .hasSize(60);
        empty();
        assertThat(broker.stats().dead() + broker.stats().ready()).isZero();
    }

    @Test
    void a_dead_letter_that_cannot_be_retried_stays_one() {
        redis.command("LPUSH", broker.queue() + ":dead", "{\"id\":\"d\",\"type\":\"t\",\"reason\":\"r\"}");
        fill();
        assertThatThrownBy(() -> broker.deadLetters()
                        .retry(broker.deadLetters()
                                .list(DeadLetterFilter.ALL, Optional.empty(), 100)
                                .letters()))
                .isInstanceOf(BrokerRejectedException.class);
        empty();
        assertThat(broker.stats().dead()).isEqualTo(1);
        assertThat(broker.stats().ready()).isZero();
    }
}
