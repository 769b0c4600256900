package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.LogCapture;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.RedisServer;
import dev.taskqueue.testing.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/** Whatever keeps Redis from doing its part: workers wait, lose nothing, and go on by themselves. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class RedisAwayTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
    private final RedisServer server;
    private RedisProcess redis;
    private RedisSettings settings;
    private RedisBroker broker;

    RedisAwayTest(RedisServer server) {
        this.server = server;
    }

    @BeforeEach
    void open() {
        redis = RedisProcess.start(server);
        settings = redis.settings().toBuilder()
                .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1))
                .build();
        broker = RedisBroker.at(settings).build();
    }

    @AfterEach
    void close() {
        broker.close();
        redis.close();
    }

    private Worker.Builder worker() {
        return QuickWorkers.of(broker)
                .concurrency(4)
                .retryPolicy((task, failure) -> Duration.ZERO)
                .handler("count", this::count);
    }

    private Object count(TaskContext task) {
        return runs.computeIfAbsent(task.id(), id -> new AtomicInteger()).incrementAndGet();
    }

    private List<String> enqueue(int count) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(Task.of("count", i));
        }
        broker.enqueueAll(tasks);
        return tasks.stream().map(Task::id).toList();
    }

    private void awaitAllDone(Worker worker) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                .until(() -> broker.stats().unfinished() == 0 && worker.isReady());
    }

    @Test
    void killed_and_restarted_it_is_waited_for_and_outcomes_that_finished_meanwhile_are_settled() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        Semaphore started = new Semaphore(0);
        try (LogCapture log = new LogCapture(Worker.class);
                Worker worker = worker().handler("wait", task -> {
                            started.release();
                            finish.await();
                            return count(task);
                        })
                        .start()) {
            List<String> waiting = List.of(
                    broker.enqueue("wait", 1).id(), broker.enqueue("wait", 2).id());
            started.acquire(2);
            List<String> others = enqueue(200);
            redis.kill();
            finish.countDown();
            await().atMost(PATIENCE).until(() -> !worker.isReady());
            // Long enough for many tries, of which the log must not tell.
            await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> !worker.isReady());
            redis.restart();
            awaitAllDone(worker);
            assertThat(waiting).allMatch(id -> runs.get(id).get() == 1);
            assertThat(runs).containsKeys(others.toArray(String[]::new));
            await().until(() -> log.messages("Redis available again").size() == 1);
            assertThat(log.messages("Redis unavailable; retrying")).hasSize(1);
        }
    }

    @Test
    void a_worker_starts_before_its_redis() {
        redis.kill();
        try (Worker worker = worker().start()) {
            await().during(Duration.ofMillis(500)).until(() -> !worker.isReady());
            redis.restart();
            List<String> ids = enqueue(10);
            awaitAllDone(worker);
            assertThat(runs).containsOnlyKeys(ids);
        }
    }

    @Test
    void hanging_it_is_noticed_and_waited_for() {
        try (Worker worker = worker().start()) {
            await().until(worker::isReady);
            Signal.send(redis.pid(), "STOP");
            await().atMost(PATIENCE).until(() -> !worker.isReady());
            Signal.send(redis.pid(), "CONT");
            List<String> ids = enqueue(50);
            awaitAllDone(worker);
            assertThat(runs).containsOnlyKeys(ids);
            assertThat(runs.values()).allMatch(count -> count.get() == 1);
        }
    }

    @Test
    void full_it_refuses_and_the_worker_goes_on_when_there_is_room() {
        List<String> ids = enqueue(100);
        redis.command("CONFIG", "SET", "maxmemory", "1");
        assertThatThrownBy(() -> broker.enqueue("count", 1))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("OOM");
        try (Worker worker = worker().start()) {
            await().during(Duration.ofSeconds(1)).until(() -> !worker.isReady());
            redis.command("CONFIG", "SET", "maxmemory", "0");
            awaitAllDone(worker);
            assertThat(runs).containsOnlyKeys(ids);
            assertThat(runs.values()).allMatch(count -> count.get() == 1);
        }
    }

    @Test
    void read_only_after_a_failover_it_is_waited_for() {
        try (Worker worker = worker().start()) {
            await().until(worker::isReady);
            List<String> ids = enqueue(100);
            redis.command("REPLICAOF", "127.0.0.1", "1");
            await().atMost(PATIENCE).until(() -> !worker.isReady());
            assertThatThrownBy(() -> broker.enqueue("count", 1))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("READONLY");
            redis.command("REPLICAOF", "NO", "ONE");
            awaitAllDone(worker);
            assertThat(runs).containsOnlyKeys(ids);
        }
    }

    @Test
    void busy_with_a_script_of_somebody_it_is_waited_for() {
        try (Worker worker = worker().start()) {
            await().until(worker::isReady);
            redis.command("CONFIG", "SET", "lua-time-limit", "10");
            Thread busy = new Thread(() -> {
                try (Jedis jedis = new Jedis("127.0.0.1", redis.settings().port(), 60_000)) {
                    jedis.eval("while true do end");
                } catch (RuntimeException e) {
                    // Ended by SCRIPT KILL, as it should be.
                }
            });
            busy.start();
            await().atMost(PATIENCE).until(() -> !worker.isReady());
            await().ignoreExceptions().until(() -> {
                redis.command("SCRIPT", "KILL");
                return true;
            });
            List<String> ids = new ArrayList<>();
            await().ignoreExceptionsInstanceOf(BrokerUnavailableException.class).until(() -> ids.addAll(enqueue(50)));
            awaitAllDone(worker);
            assertThat(runs).containsOnlyKeys(ids);
        }
    }

    @Test
    void a_key_of_a_wrong_type_stops_what_needs_it_and_loses_nothing() {
        try (LogCapture log = new LogCapture(Worker.class);
                Worker worker = worker().handler("fail", task -> {
                            if (count(task).equals(1)) {
                                throw new IllegalStateException("once");
                            }
                            return null;
                        })
                        .start()) {
            await().until(worker::isReady);
            redis.command("SET", "gopher_tasks:scheduled", "not a set");
            String failing = broker.enqueue("fail", 1).id();
            List<String> ids = enqueue(20);
            await().atMost(PATIENCE).until(() -> runs.size() == 21);
            assertThat(broker.status(failing).orElseThrow().state().isFinal()).isFalse();
            redis.command("DEL", "gopher_tasks:scheduled");
            awaitAllDone(worker);
            assertThat(runs.get(failing)).hasValue(2);
            assertThat(ids).allMatch(id -> runs.get(id).get() == 1);
            assertThat(log.messages("Redis unavailable; retrying").size()).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void forgotten_scripts_are_loaded_again_under_load() {
        try (Worker worker = worker().start()) {
            for (int i = 0; i < 20; i++) {
                enqueue(20);
                redis.command("SCRIPT", "FLUSH");
            }
            awaitAllDone(worker);
            assertThat(runs).hasSize(400);
            assertThat(runs.values()).allMatch(count -> count.get() == 1);
        }
    }

    @Test
    void loading_its_data_it_is_waited_for() {
        redis.close();
        broker.close();
        redis = RedisProcess.start(server, "--key-load-delay", "500");
        broker = RedisBroker.at(redis.settings()).build();
        List<String> ids = enqueue(3_000);
        redis.kill();
        try (Worker worker = worker().start()) {
            redis.restart();
            awaitAllDone(worker);
            assertThat(runs).containsOnlyKeys(ids);
            assertThat(runs.values()).allMatch(count -> count.get() == 1);
        }
    }

    @Test
    void a_wrong_password_is_told_in_one_sentence_and_an_unsafe_server_warned_of() {
        assertThat(broker.check()).isEmpty();
        redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        redis.command("CONFIG", "SET", "appendonly", "no");
        assertThat(broker.check())
                .anyMatch(warning -> warning.startsWith("maxmemory-policy is allkeys-lru"))
                .anyMatch(warning -> warning.startsWith("appendonly is no"));
        try (RedisBroker wrong = RedisBroker.at(
                        settings.toBuilder().password("secret-word").build())
                .build()) {
            redis.command("CONFIG", "SET", "requirepass", "right");
            assertThatThrownBy(wrong::check)
                    .isInstanceOf(BrokerRejectedException.class)
                    .hasMessageContaining("rejects the password (WRONGPASS); check REDIS_PASSWORD")
                    .hasMessageNotContaining("secret-word");
        }
    }
}
