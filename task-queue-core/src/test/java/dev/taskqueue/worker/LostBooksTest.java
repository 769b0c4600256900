package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.testing.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClient;

/** No task stays active for ever, whatever happened to the keys that only keep books. */
class LostBooksTest {

    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

    private Worker.Builder worker(RedisBroker broker) {
        return QuickWorkers.of(broker)
                .concurrency(4)
                .lease(LEASE)
                .retryPolicy((task, failure) -> Duration.ofMillis(20))
                .handler("t", task -> {
                    int run = runs.computeIfAbsent(task.id(), id -> new AtomicInteger())
                            .incrementAndGet();
                    Thread.sleep(2);
                    if (run == 1 && task.payload().intValue() % 3 == 0) {
                        throw new IllegalStateException("first time");
                    }
                    return null;
                });
    }

    @Test
    void every_bookkeeping_key_may_be_deleted_under_load() {
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                RedisClient client = RedisClient.create(
                        redis.settings().host(), redis.settings().port());
                Worker first = worker(broker).start();
                Worker second = worker(broker).start()) {
            List<Task> tasks = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                tasks.add(Task.of("t", i).withIdempotencyKey("k" + i));
            }
            broker.enqueueAll(tasks);
            while (broker.stats().unfinished() > 0) {
                // Tasks live in the lanes, the processing lists, scheduled and dead; all else only keeps books.
                client.del("gopher_tasks:workers");
                Set<String> books = client.keys("gopher_tasks:task:*");
                books.addAll(client.keys("gopher_tasks:idempotency:*"));
                books.addAll(client.keys("gopher_tasks:recoveries:*"));
                books.forEach(client::del);
            }
            assertThat(runs).containsOnlyKeys(tasks.stream().map(Task::id).toList());
            assertThat(broker.stats().dead()).isZero();
            await().atMost(PATIENCE)
                    .until(() -> first.isReady()
                            && second.isReady()
                            && broker.stats().workers() == 2);
        }
    }

    @Test
    void a_dead_worker_whose_entry_is_gone_leaves_nothing_behind() {
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                RedisClient client = RedisClient.create(
                        redis.settings().host(), redis.settings().port())) {
            String id = broker.enqueue("t", 1).id();
            BrokerEngine.of(broker).session("gone", LEASE).claim(1);
            client.del("gopher_tasks:workers");
            try (Worker worker = worker(broker).start()) {
                await().atMost(PATIENCE)
                        .until(() -> broker.status(id).orElseThrow().state() == TaskState.SUCCEEDED);
                assertThat(broker.status(id).orElseThrow().recoveries()).isEqualTo(1);
                assertThat(worker.isReady()).isTrue();
            }
        }
    }

    @Test
    void after_an_older_snapshot_is_restored_every_task_in_it_comes_to_its_end() throws Exception {
        Semaphore started = new Semaphore(0);
        Semaphore finish = new Semaphore(0);
        try (RedisProcess redis = RedisProcess.start("--appendonly", "no");
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                Worker worker = worker(broker)
                        .handler("hold", task -> {
                            started.release();
                            finish.acquire();
                            return null;
                        })
                        .start()) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                ids.add(broker.enqueue("hold", null).id());
            }
            started.acquire(4);
            for (int i = 0; i < 100; i++) {
                ids.add(broker.enqueue("t", 1).id());
            }
            Path snapshot = redis.folder().resolve("dump.rdb");
            try (Jedis jedis =
                    new Jedis(redis.settings().host(), redis.settings().port())) {
                jedis.save();
            }
            Path copy = Files.copy(snapshot, redis.folder().resolve("older.rdb"));
            finish.release(4);
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            // Back to a time at which this worker held four tasks that it has long forgotten.
            redis.kill();
            Files.copy(copy, snapshot, StandardCopyOption.REPLACE_EXISTING);
            finish.release(1_000);
            redis.restart();
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                    .until(() -> broker.stats().unfinished() == 0 && worker.isReady());
            // Connections from before the restart are still among those that are reused.
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                    .untilAsserted(() -> assertThat(ids)
                            .allMatch(id -> broker.status(id).orElseThrow().state() == TaskState.SUCCEEDED));
        }
    }
}
