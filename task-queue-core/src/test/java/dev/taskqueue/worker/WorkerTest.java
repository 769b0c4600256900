package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Priority;
import dev.taskqueue.RetryLaterException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

class WorkerTest {

    private static final RetryPolicy AT_ONCE = (task, failure) -> Duration.ZERO;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CollectorRegistry registry = new CollectorRegistry();
    private final WorkerMetrics metrics = new WorkerMetrics(registry);
    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private Worker.Builder worker() {
        return QuickWorkers.of(broker).retryPolicy(AT_ONCE).metrics(metrics);
    }

    private TaskStatus awaitState(String id, TaskState state) {
        await().untilAsserted(() ->
                assertThat(broker.status(id).map(TaskStatus::state)).contains(state));
        return broker.status(id).orElseThrow();
    }

    @Test
    void runs_a_task_and_keeps_its_result() {
        String id = broker.enqueue("greet", Map.of("name", "Ada")).id();
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.PENDING);
        try (Worker worker = worker().handler(
                        "greet", task -> "Hello " + task.payload().get("name").textValue())
                .start()) {
            TaskStatus status = awaitState(id, TaskState.SUCCEEDED);
            assertThat(status.result()).contains("\"Hello Ada\"");
            assertThat(status.attempts()).isEqualTo(1);
            assertThat(status.worker()).contains(worker.name());
            assertThat(status.finishedAt()).isPresent();
        }
        assertThat(broker.stats().unfinished()).isZero();
        assertThat(redis.client().ttl(redis.key("task:" + id))).isBetween(86_000L, 86_400L);
        assertThat(redis.client().exists(redis.key("workers"))).isFalse();
    }

    @Test
    void retries_until_it_succeeds_and_tells_each_attempt_its_number() {
        List<Integer> attempts = new java.util.concurrent.CopyOnWriteArrayList<>();
        String id = broker.enqueue("flaky", null).id();
        try (Worker worker = worker().handler("flaky", task -> {
                    attempts.add(task.attempt());
                    if (task.attempt() < 3) {
                        throw new IllegalStateException("not yet");
                    }
                    return null;
                })
                .start()) {
            TaskStatus status = awaitState(id, TaskState.SUCCEEDED);
            assertThat(status.attempts()).isEqualTo(3);
            assertThat(status.lastError()).contains("IllegalStateException: not yet");
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(attempts).containsExactly(1, 2, 3);
        assertThat(sample("go_task_queue_retries_total", "flaky")).isEqualTo(2);
    }

    @Test
    void a_task_that_always_fails_lies_in_dead_with_its_reason_and_three_retries() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        String id = broker.enqueue("broken", Map.of("list", List.of())).id();
        try (Worker worker = worker().handler("broken", task -> {
                    runs.incrementAndGet();
                    throw new Exception("no luck");
                })
                .start()) {
            awaitState(id, TaskState.DEAD);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(runs).hasValue(4);
        JsonNode dead = onlyDeadLetter();
        assertThat(dead.get("id").textValue()).isEqualTo(id);
        assertThat(dead.get("retry").intValue()).isEqualTo(3);
        assertThat(dead.get("reason").textValue()).isEqualTo("retries exhausted");
        assertThat(dead.get("last_error").textValue()).isEqualTo("Exception: no luck");
        assertThat(dead.get("died_at").longValue()).isPositive();
        assertThat(dead.get("payload").toString()).isEqualTo("{\"list\":[]}");
        assertThat(sample("go_task_queue_dead_total", "broken")).isEqualTo(1);
    }

    @Test
    void a_permanent_failure_skips_the_retries() {
        String id = broker.enqueue("hopeless", null).id();
        try (Worker worker = worker().handler("hopeless", task -> {
                    throw new PermanentFailureException("never");
                })
                .start()) {
            TaskStatus status = awaitState(id, TaskState.DEAD);
            assertThat(status.attempts()).isEqualTo(1);
            assertThat(status.lastError()).contains("never");
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void a_handler_names_its_own_delay() {
        String id = broker.enqueue("busy", null).id();
        try (Worker worker = worker().handler("busy", task -> {
                    throw new RetryLaterException(Duration.ofHours(1));
                })
                .start()) {
            TaskStatus status = awaitState(id, TaskState.RETRYING);
            assertThat(Duration.between(
                            status.createdAt().orElseThrow(),
                            status.nextAttemptAt().orElseThrow()))
                    .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(broker.stats().scheduled()).isEqualTo(1);
    }

    @Test
    void a_type_without_handler_dies_at_once_if_told_so_with_a_clear_error_and_no_label_of_its_own() {
        String id =
                broker.enqueue(Task.of("unheard-of", null).withMaxRetries(0)).id();
        try (Worker worker = worker().unknownTypeGrace(Duration.ZERO).start()) {
            assertThat(awaitState(id, TaskState.DEAD).lastError())
                    .contains("no handler for type \"unheard-of\" in queue " + redis.queue());
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(sample("go_task_queue_dead_total", "unknown")).isEqualTo(1);
        assertThat(sample("go_task_queue_dead_total", "unheard-of")).isNull();
    }

    @Test
    void errors_fail_the_task_and_not_the_worker() {
        String deep = broker.enqueue(Task.of("recurse", null).withMaxRetries(0)).id();
        String linkage = broker.enqueue(Task.of("link", null).withMaxRetries(0)).id();
        String fine = broker.enqueue("fine", null).id();
        try (Worker worker = worker().concurrency(1)
                .handler("recurse", task -> recurse(0))
                .handler("link", task -> {
                    throw new NoClassDefFoundError("gone");
                })
                .handler("fine", task -> null)
                .start()) {
            assertThat(awaitState(deep, TaskState.DEAD).lastError()).contains("StackOverflowError");
            assertThat(awaitState(linkage, TaskState.DEAD).lastError()).contains("NoClassDefFoundError: gone");
            awaitState(fine, TaskState.SUCCEEDED);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    @Test
    void a_done_idempotency_key_skips_the_handler() {
        AtomicInteger runs = new AtomicInteger();
        String first = broker.enqueue(Task.of("pay", null).withIdempotencyKey("order-1"))
                .id();
        try (Worker worker =
                worker().handler("pay", task -> runs.incrementAndGet()).start()) {
            awaitState(first, TaskState.SUCCEEDED);
            String second = broker.enqueue(Task.of("pay", null).withIdempotencyKey("order-1"))
                    .id();
            awaitState(second, TaskState.DUPLICATE);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(runs).hasValue(1);
        assertThat(redis.client().get(redis.key("idempotency:order-1"))).isEqualTo("done:" + first);
        assertThat(redis.client().ttl(redis.key("idempotency:order-1"))).isBetween(86_000L, 86_400L);
        assertThat(sample("go_task_queue_duplicates_total", "pay")).isEqualTo(1);
    }

    @Test
    void two_tasks_of_one_key_never_run_at_the_same_time() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch release = new CountDownLatch(1);
        String first =
                broker.enqueue(Task.of("pay", null).withIdempotencyKey("k")).id();
        String second =
                broker.enqueue(Task.of("pay", null).withIdempotencyKey("k")).id();
        try (Worker worker = worker().handler("pay", task -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    release.await();
                    running.decrementAndGet();
                    return null;
                })
                .start()) {
            await().until(() -> broker.stats().scheduled() == 1);
            assertThat(broker.status(second).orElseThrow().attempts()).isZero();
            release.countDown();
            awaitState(first, TaskState.SUCCEEDED);
            awaitState(second, TaskState.DUPLICATE);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void a_failed_attempt_gives_its_idempotency_lock_back() {
        String id =
                broker.enqueue(Task.of("flaky", null).withIdempotencyKey("k")).id();
        try (Worker worker = worker().handler("flaky", task -> {
                    if (task.attempt() == 1) {
                        throw new IllegalStateException("once");
                    }
                    return null;
                })
                .start()) {
            assertThat(awaitState(id, TaskState.SUCCEEDED).attempts()).isEqualTo(2);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void takes_high_before_normal_before_low() {
        List<String> order = new ConcurrentLinkedQueueList();
        // The first of each other lane goes to the normal one while that is empty; hence a normal one first.
        broker.enqueue(Task.of("t", "first"));
        broker.enqueue(Task.of("t", "low").withPriority(Priority.LOW));
        broker.enqueue(Task.of("t", "normal"));
        broker.enqueue(Task.of("t", "high").withPriority(Priority.HIGH));
        try (Worker worker = worker().concurrency(1)
                .handler("t", task -> order.add(task.payload().textValue()))
                .start()) {
            await().until(() -> order.size() == 4);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(order).containsExactly("high", "first", "normal", "low");
    }

    private static final class ConcurrentLinkedQueueList extends java.util.concurrent.CopyOnWriteArrayList<String> {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void takes_nothing_while_paused() {
        redis.client().set(redis.key("paused"), "1");
        broker.enqueue("t", null);
        try (Worker worker = worker().handler("t", task -> null).start()) {
            await().until(worker::isReady);
            await().during(Duration.ofMillis(300)).until(() -> broker.stats().normal() == 1);
            redis.client().del(redis.key("paused"));
            await().until(() -> broker.stats().unfinished() == 0);
        }
    }

    @Test
    void what_arrives_while_a_runner_waits_and_the_queue_is_paused_goes_back_and_is_not_run() {
        AtomicInteger runs = new AtomicInteger();
        try (Worker worker =
                worker().handler("t", task -> runs.incrementAndGet()).start()) {
            for (int i = 0; i < 5; i++) {
                broker.enqueue("t", "before");
                int before = i + 1;
                await().until(() -> runs.get() == before && broker.stats().unfinished() == 0);
                await().until(this::aRunnerWaits);
                // Behind its back: no script sees that it waits.
                redis.client().set(redis.key("paused"), "1");
                broker.enqueue("t", "paused");
                await().during(Duration.ofMillis(300)).until(() -> runs.get() == before);
                await().until(() ->
                        broker.stats().normal() == 1 && broker.stats().processing() == 0);
                redis.client().ltrim(redis.queue(), 1, 0);
                redis.client().del(redis.key("paused"));
            }
            assertThat(worker.isReady()).isTrue();
        }
    }

    private boolean aRunnerWaits() {
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port())) {
            return jedis.clientList().contains("cmd=blmove");
        }
    }

    @Test
    void whatever_is_no_task_is_buried_readable_and_the_worker_goes_on() throws Exception {
        byte[] queue = redis.queue().getBytes(StandardCharsets.UTF_8);
        byte[] garbage = {(byte) 0xff, (byte) 0xfe, 0, 'x'};
        String deep = "[".repeat(10_000) + "]".repeat(10_000);
        List<byte[]> bad = List.of(
                garbage,
                "{}".getBytes(StandardCharsets.UTF_8),
                "[]".getBytes(StandardCharsets.UTF_8),
                ("\"" + "x".repeat(1 << 20) + "\"").getBytes(StandardCharsets.UTF_8),
                ("{\"type\":\"t\",\"payload\":" + deep + "}").getBytes(StandardCharsets.UTF_8),
                new byte[0],
                "{\"type\":\"t\",\"retry\":\"x\"}".getBytes(StandardCharsets.UTF_8),
                "{\"type\":\"t\"} trailing".getBytes(StandardCharsets.UTF_8));
        bad.forEach(entry -> redis.client().lpush(queue, entry));
        redis.client().lpush(redis.queue(), "{\"type\":\"t\",\"payload\":{\"a\":[]}}");
        ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
        try (Worker worker = worker().handler(
                        "t", task -> seen.add(task.payload().toString()))
                .start()) {
            await().until(() -> seen.size() == 1 && broker.stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(seen).containsExactly("{\"a\":[]}");
        List<String> dead = redis.client().lrange(redis.key("dead"), 0, -1);
        assertThat(dead).hasSize(bad.size());
        JsonNode first = new ObjectMapper().readTree(dead.get(dead.size() - 1));
        assertThat(first.get("reason").textValue()).isEqualTo("malformed");
        assertThat(first.get("raw_base64").binaryValue()).isEqualTo(garbage);
        assertThat(first.get("last_error").textValue()).startsWith("the entry is not JSON");
        assertThat(registry.getSampleValue(
                        "go_task_queue_malformed_total", new String[] {"queue"}, new String[] {redis.queue()}))
                .isEqualTo(bad.size());
    }

    @Test
    void a_bare_push_gets_an_id_and_a_status_when_it_is_claimed() {
        redis.client().lpush(redis.queue(), "{\"type\":\"t\",\"trace\":\"abc\"}");
        ConcurrentLinkedQueue<String> ids = new ConcurrentLinkedQueue<>();
        try (Worker worker = worker().handler("t", task -> ids.add(task.id())).start()) {
            await().until(() -> !ids.isEmpty());
            awaitState(ids.peek(), TaskState.SUCCEEDED);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void closing_waits_for_running_tasks_and_puts_back_what_the_grace_period_cuts_off() {
        CountDownLatch quickMayEnd = new CountDownLatch(1);
        String quick = broker.enqueue("quick", null).id();
        String slow = broker.enqueue("slow", null).id();
        Worker worker = worker().concurrency(2)
                .shutdownGrace(Duration.ofMillis(500))
                .handler("quick", task -> {
                    quickMayEnd.await();
                    return null;
                })
                .handler("slow", task -> {
                    Thread.sleep(60_000);
                    return null;
                })
                .start();
        awaitState(quick, TaskState.RUNNING);
        awaitState(slow, TaskState.RUNNING);
        quickMayEnd.countDown();
        worker.close();
        assertThat(broker.status(quick).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(broker.status(slow).orElseThrow().state()).isEqualTo(TaskState.PENDING);
        assertThat(broker.stats().normal()).isEqualTo(1);
        assertThat(broker.stats().processing()).isZero();
        assertThat(redis.client().exists(redis.key("workers"))).isFalse();
    }

    @RepeatedTest(5)
    void a_close_without_grace_claims_nothing_and_puts_back_in_order() {
        for (int i = 0; i < 5; i++) {
            broker.enqueue("slow", null);
        }
        String last = broker.enqueue("last", null).id();
        Worker worker = worker().shutdownGrace(Duration.ZERO)
                .handler("slow", task -> {
                    Thread.sleep(60_000);
                    return null;
                })
                .handler("last", task -> null)
                .start();
        await().until(() -> broker.stats().processing() == 5);
        worker.close();
        // At the consuming end: the one that came last is still the last.
        assertThat(redis.client().lrange(redis.queue(), 0, -1))
                .hasSize(6)
                .first()
                .asString()
                .contains(last);
    }

    @Test
    void nothing_is_left_running_after_close() {
        try (Worker worker = worker().handler("t", task -> null).start()) {
            broker.enqueue("t", null);
            await().until(() -> worker.isReady() && broker.stats().unfinished() == 0);
        }
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("task-queue-")));
    }

    @Test
    void two_workers_on_two_queues_live_in_one_jvm() {
        try (RedisBroker other =
                        redis.brokerBuilder().queue(redis.queue() + "-2").build();
                Worker first = worker().handler("t", task -> "first").start();
                Worker second = QuickWorkers.of(other)
                        .metrics(metrics)
                        .handler("t", task -> "second")
                        .start()) {
            String one = broker.enqueue("t", null).id();
            String two = other.enqueue("t", null).id();
            assertThat(awaitState(one, TaskState.SUCCEEDED).result()).contains("\"first\"");
            await().until(() ->
                    other.status(two).flatMap(TaskStatus::result).equals(java.util.Optional.of("\"second\"")));
            assertThat(first.name()).isNotEqualTo(second.name());
        }
    }

    @Test
    void thousands_of_mixed_tasks_end_as_success_or_dead_and_the_figures_agree() {
        List<Task> tasks = IntStream.range(0, 3_000)
                .mapToObj(i -> Task.of(i % 10 == 0 ? "bad" : "good", i)
                        .withMaxRetries(1)
                        .withPriority(Priority.values()[i % 3]))
                .toList();
        broker.enqueueAll(tasks);
        try (Worker worker = worker().concurrency(10)
                .handler("good", task -> task.payload())
                .handler("bad", task -> {
                    throw new IllegalStateException("bad");
                })
                .start()) {
            await().atMost(Duration.ofSeconds(30)).until(() -> broker.stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(broker.stats().dead()).isEqualTo(300);
        assertThat(registry.getSampleValue(
                        "go_task_queue_tasks_processed_total",
                        new String[] {"type", "status"},
                        new String[] {"good", "success"}))
                .isEqualTo(2_700);
        assertThat(sample("go_task_queue_dead_total", "bad")).isEqualTo(300);
        assertThat(sample("go_task_queue_retries_total", "bad")).isEqualTo(300);
    }

    private Double sample(String name, String type) {
        return registry.getSampleValue(name, new String[] {"queue", "type"}, new String[] {redis.queue(), type});
    }

    private JsonNode onlyDeadLetter() throws Exception {
        List<String> dead = redis.client().lrange(redis.key("dead"), 0, -1);
        assertThat(dead).hasSize(1);
        return new ObjectMapper().readTree(dead.get(0));
    }
}
