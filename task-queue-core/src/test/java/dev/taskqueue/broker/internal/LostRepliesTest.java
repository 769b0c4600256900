package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.FaultyProxy;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisServer;
import dev.taskqueue.worker.QuickWorkers;
import dev.taskqueue.worker.Worker;
import dev.taskqueue.worker.WorkerMetrics;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Promise 1 when Redis carries a request out and its reply never comes. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class LostRepliesTest {

    @RegisterExtension
    final RedisFixture redis;

    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
    private FaultyProxy proxy;
    private RedisBroker broker;
    private RedisBroker faulty;

    LostRepliesTest(RedisServer server) {
        redis = new RedisFixture(server);
    }

    @BeforeEach
    void open() {
        proxy = new FaultyProxy(redis.settings().host(), redis.settings().port(), 1);
        broker = redis.broker();
        faulty = RedisBroker.at(RedisSettings.of(proxy.address()))
                .queue(redis.queue())
                .build();
    }

    @AfterEach
    void close() {
        faulty.close();
        broker.close();
        proxy.close();
    }

    private static String sha(Script script) {
        return Bytes.text(script.sha());
    }

    private Worker.Builder worker() {
        return worker(QuickWorkers.of(faulty));
    }

    private Worker.Builder worker(Worker.Builder plain) {
        return plain.concurrency(3)
                .lease(Duration.ofSeconds(1))
                .retryPolicy((task, failure) -> Duration.ofMillis(100))
                .handler(
                        "once",
                        task -> runs.computeIfAbsent(task.id(), id -> new AtomicInteger())
                                .incrementAndGet())
                .handler("flaky", task -> {
                    runs.computeIfAbsent(task.id(), id -> new AtomicInteger()).incrementAndGet();
                    if (task.attempt() == 1) {
                        throw new IllegalStateException("first");
                    }
                    return null;
                });
    }

    @ParameterizedTest
    @EnumSource(
            value = Script.class,
            names = {"CLAIM", "IDENTIFY", "BEGIN", "SETTLE", "DUE", "PROMOTE", "BEAT", "VISIT"})
    void every_task_is_done_and_each_run_counts_once_whichever_reply_is_lost(Script script) {
        List<Task> tasks = IntStream.range(0, 20)
                .mapToObj(i -> Task.of(i % 2 == 0 ? "once" : "flaky", i).withIdempotencyKey("k" + i))
                .toList();
        // Known to Redis, so that the proxy sees each script by its SHA.
        for (Script each : Script.values()) {
            redis.client().scriptLoad(Bytes.text(each.source()));
        }
        proxy.loseReplyTo(sha(script));
        CollectorRegistry registry = new CollectorRegistry();
        try (Worker worker = worker().metrics(new WorkerMetrics(registry)).start()) {
            broker.enqueueAll(tasks);
            redis.client().lpush(redis.queue(), "{\"type\":\"once\"}");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> proxy.hasFired() && broker.stats().unfinished() == 0 && runs.size() == 21);
            await().until(worker::isReady);
            await().untilAsserted(() -> assertThat(registry.getSampleValue(
                            "go_task_queue_tasks_processed_total",
                            new String[] {"type", "status"},
                            new String[] {"once", "success"}))
                    .isEqualTo(11));
        }
        assertThat(tasks).allSatisfy(task -> {
            assertThat(broker.status(task.id()).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
            assertThat(runs.get(task.id())).hasValue(task.type().equals("once") ? 1 : 2);
        });
        assertThat(broker.stats().workers()).isZero();
    }

    @Test
    void a_task_that_arrived_with_a_lost_reply_is_taken_up_within_seconds() {
        // Its wait is long enough for the task to arrive in it.
        try (Worker worker = worker(Worker.of(faulty)).start()) {
            await().until(worker::isReady);
            proxy.loseReplyTo("BLMOVE");
            await().until(proxy::hasFired);
            String id = broker.enqueue("once", 1).id();
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> broker.status(id).orElseThrow().state() == TaskState.SUCCEEDED);
            assertThat(runs.get(id)).hasValue(1);
        }
    }

    @Test
    void a_recovery_whose_reply_is_lost_moves_nothing_twice() {
        VanishedWorker dead = new VanishedWorker(broker);
        List<String> ids = dead.claimAndVanish(redis, 10);
        for (Script each : Script.values()) {
            redis.client().scriptLoad(Bytes.text(each.source()));
        }
        proxy.loseReplyTo(sha(Script.RECOVER));
        try (Worker worker = worker().start()) {
            await().atMost(Duration.ofSeconds(20)).until(() -> proxy.hasFired() && runs.size() == ids.size());
            await().until(() -> broker.stats().unfinished() == 0 && worker.isReady());
        }
        assertThat(runs.values()).allMatch(count -> count.get() == 1);
        assertThat(ids).allMatch(id -> broker.status(id).orElseThrow().recoveries() == 1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Script.class,
            names = {"RESERVE_TRIAL", "BEGIN_TRIAL", "END_TRIAL"})
    void a_suspect_ends_and_counts_once_whichever_reply_of_its_trial_is_lost(Script script) {
        List<String> ids = new VanishedWorker(broker).claimAndVanish(redis, 3);
        for (Script each : Script.values()) {
            redis.client().scriptLoad(Bytes.text(each.source()));
        }
        proxy.loseReplyTo(sha(script));
        CollectorRegistry registry = new CollectorRegistry();
        try (RedisBroker strict = RedisBroker.at(RedisSettings.of(proxy.address()))
                        .queue(redis.queue())
                        .maxRecoveries(0)
                        .build();
                Worker worker = worker(QuickWorkers.of(strict))
                        .metrics(new WorkerMetrics(registry))
                        .start()) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> proxy.hasFired()
                            && runs.size() == ids.size()
                            && broker.stats().unfinished() == 0);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(redis.client().hgetAll(redis.key("trial")))
                            .as("reservations")
                            .isEmpty());
            await().until(worker::isReady);
            await().untilAsserted(() -> assertThat(registry.getSampleValue(
                            "go_task_queue_tasks_processed_total",
                            new String[] {"type", "status"},
                            new String[] {"once", "success"}))
                    .isEqualTo(ids.size()));
            // With every slot given back there is room for the next tasks.
            broker.enqueueAll(
                    IntStream.range(0, 9).mapToObj(i -> Task.of("once", i)).toList());
            await().until(() -> broker.stats().unfinished() == 0 && runs.size() == ids.size() + 9);
        }
        assertThat(runs.values()).allMatch(count -> count.get() == 1);
        assertThat(broker.stats().dead()).isZero();
    }

    @Test
    void an_enqueue_that_may_have_happened_says_so_and_may_be_made_again_with_a_key() {
        broker.enqueue("warm up", null);
        redis.client().del(redis.queue());
        Task task = Task.of("once", 1).withIdempotencyKey("k");
        proxy.loseReplyTo(sha(Script.ENQUEUE));
        assertThatThrownBy(() -> faulty.enqueue(task)).isInstanceOfSatisfying(OutcomeUnknownException.class, e -> {
            assertThat(e.taskIds()).containsExactly(task.id());
            assertThat(e.accepted()).isZero();
        });
        assertThat(broker.stats().normal()).isEqualTo(1);
        faulty.enqueue(task);
        try (Worker worker = worker().start()) {
            await().until(() -> broker.stats().unfinished() == 0 && worker.isReady());
        }
        assertThat(runs.get(task.id())).hasValue(1);
        assertThat(broker.status(task.id()).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
    }

    @Test
    void a_refused_connection_is_certain_to_have_enqueued_nothing() {
        proxy.close();
        assertThatThrownBy(() -> faulty.enqueue("once", 1))
                .isInstanceOf(BrokerUnavailableException.class)
                .isNotInstanceOf(OutcomeUnknownException.class);
    }

    /** A worker that claims tasks and is never heard of again. */
    private record VanishedWorker(RedisBroker broker) {

        List<String> claimAndVanish(RedisFixture redis, int count) {
            List<Task> tasks =
                    IntStream.range(0, count).mapToObj(i -> Task.of("once", i)).toList();
            broker.enqueueAll(tasks);
            BrokerEngine.of(broker).session("vanished", Duration.ofSeconds(1)).claim(count);
            redis.client().zadd(redis.key("workers"), 1, "vanished");
            redis.letBeSilent("vanished", Duration.ofSeconds(30));
            return tasks.stream().map(Task::id).toList();
        }
    }
}
