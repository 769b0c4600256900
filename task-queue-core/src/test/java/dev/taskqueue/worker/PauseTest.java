package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.PauseResult;
import dev.taskqueue.QueuePause;
import dev.taskqueue.QueueStats;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.testing.LogCapture;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** A pause that is acknowledged: nothing more begins, what runs goes on, and all else is back in its order. */
class PauseTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LEASE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private static List<Task> tasks(String type, int count) {
        return IntStream.range(0, count).mapToObj(i -> Task.of(type, i)).toList();
    }

    @Test
    void tells_by_whom_why_since_when_and_until_when() throws Exception {
        assertThat(broker.stats().pause()).isEmpty();
        PauseResult result = broker.pause("migration", Duration.ofMinutes(10));
        assertThat(result.isAcknowledged()).isTrue();
        QueuePause pause = result.pause();
        assertThat(pause.by().orElseThrow()).startsWith(System.getProperty("user.name") + "@");
        assertThat(pause.reason()).contains("migration");
        assertThat(Duration.between(pause.since().orElseThrow(), pause.until().orElseThrow()))
                .isEqualTo(Duration.ofMinutes(10));
        QueueStats stats = broker.stats();
        assertThat(stats.paused()).isTrue();
        assertThat(stats.pause()).contains(pause);
        assertThat(broker.pause("").pause()).satisfies(second -> {
            assertThat(second.reason()).isEmpty();
            assertThat(second.until()).isEmpty();
        });
        assertThat(redis.client().pttl(redis.key("paused"))).isEqualTo(-1);
        assertThat(broker.resume()).isTrue();
        assertThat(broker.resume()).isFalse();
        assertThat(broker.stats().paused()).isFalse();
    }

    @Test
    void is_refused_an_end_that_has_passed() throws Exception {
        assertThatThrownBy(() -> broker.pause("late", Instant.ofEpochMilli(1_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("until is 1970-01-01T00:00:01Z");
        assertThatThrownBy(() -> broker.pause("none", Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThat(broker.stats().paused()).isFalse();
    }

    @Test
    void resumes_by_itself() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        try (Worker worker = QuickWorkers.of(broker)
                .handler("t", task -> runs.incrementAndGet())
                .start()) {
            await().until(worker::isReady);
            Instant until =
                    broker.pause("short", Duration.ofSeconds(2)).pause().until().orElseThrow();
            broker.enqueue("t", 1);
            await().atMost(PATIENCE).until(() -> runs.get() == 1);
            assertThat(Instant.now()).isAfterOrEqualTo(until);
            assertThat(worker.health().paused()).isEmpty();
        }
    }

    /** Behind the back of scripts: an idle runner blocks in Redis. */
    @Test
    void an_idle_worker_acknowledges_within_its_wait() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        try (Worker worker =
                Worker.of(broker).handler("t", task -> runs.incrementAndGet()).start()) {
            await().until(worker::isReady);
            for (int i = 0; i < 3; i++) {
                assertThat(broker.pause("test").unacknowledged()).isEmpty();
                broker.enqueue("t", i);
                await().during(Duration.ofMillis(300))
                        .until(() -> broker.stats().ready() == 1);
                broker.resume();
                int expected = i + 1;
                await().atMost(PATIENCE).until(() -> runs.get() == expected);
            }
        }
    }

    @Test
    void what_is_claimed_and_has_not_begun_goes_back_in_order_while_all_runners_are_busy() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        List<Integer> order = new CopyOnWriteArrayList<>();
        try (Worker worker = Worker.of(broker)
                .concurrency(1)
                .handler("quick", task -> order.add(task.payload().intValue()))
                .handler("slow", task -> {
                    begun.countDown();
                    return finish.await(1, TimeUnit.MINUTES);
                })
                .start()) {
            // It learns that tasks are short, and claims ahead.
            broker.enqueueAll(tasks("quick", 2_000));
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            order.clear();
            List<Task> next = new ArrayList<>(List.of(Task.of("slow", 0)));
            next.addAll(tasks("quick", 200));
            broker.enqueueAll(next);
            await().atMost(PATIENCE).until(() -> begun.getCount() == 0);
            assertThat(broker.pause("test").unacknowledged()).isEmpty();
            assertThat(broker.stats()).satisfies(stats -> {
                assertThat(stats.processing()).isEqualTo(1);
                assertThat(stats.normal()).isEqualTo(200);
            });
            assertThat(worker.health().paused()).containsOnlyKeys(redis.queue());
            finish.countDown();
            await().atMost(PATIENCE).until(() -> broker.stats().processing() == 0);
            assertThat(order).isEmpty();
            assertThat(worker.isReady()).isTrue();
            broker.resume();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        }
        assertThat(order)
                .containsExactlyElementsOf(IntStream.range(0, 200).boxed().toList());
    }

    @Test
    void nothing_begins_once_it_is_acknowledged_whenever_the_pause_comes() throws Exception {
        AtomicInteger begun = new AtomicInteger();
        try (Worker worker = QuickWorkers.of(broker)
                .concurrency(4)
                .handler("t", task -> {
                    begun.incrementAndGet();
                    Thread.sleep(task.payload().intValue() % 7 == 0 ? 2 : 0);
                    return null;
                })
                .start()) {
            await().until(worker::isReady);
            for (int round = 0; round < 24; round++) {
                int before = begun.get();
                // Now a crowd, now a single one for whoever waits.
                broker.enqueueAll(tasks("t", round % 2 == 0 ? 1_000 : 1));
                await().pollInterval(Duration.ofMillis(1)).atMost(PATIENCE).until(() -> begun.get() > before);
                assertThat(broker.pause("round").unacknowledged()).isEmpty();
                int atPause = begun.get();
                broker.enqueueAll(tasks("t", 10));
                Thread.sleep(20);
                assertThat(begun.get()).as("begun by round %d", round).isEqualTo(atPause);
                assertThat(broker.stats().ready()).isGreaterThanOrEqualTo(10);
                broker.resume();
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(begun.get()).isEqualTo(12 * 1_000 + 12 + 24 * 10);
        }
    }

    /** It has learned that tasks are short, has claimed ahead, and finds that these are not. */
    @Test
    void nothing_that_was_claimed_ahead_begins_once_it_is_acknowledged() throws Exception {
        AtomicInteger slow = new AtomicInteger();
        try (Worker worker = QuickWorkers.of(broker)
                .concurrency(2)
                .handler("quick", task -> null)
                .handler("slow", task -> {
                    slow.incrementAndGet();
                    Thread.sleep(40);
                    return null;
                })
                .start()) {
            await().until(worker::isReady);
            for (int round = 0; round < 8; round++) {
                List<Task> next = new ArrayList<>(tasks("quick", 2_000));
                next.addAll(tasks("slow", 60));
                int before = slow.get();
                broker.enqueueAll(next);
                await().pollInterval(Duration.ofMillis(1)).atMost(PATIENCE).until(() -> slow.get() > before);
                assertThat(broker.pause("round").unacknowledged()).isEmpty();
                int atPause = slow.get();
                Thread.sleep(150);
                assertThat(slow.get()).as("begun by round %d", round).isEqualTo(atPause);
                broker.resume();
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            }
        }
    }

    @Test
    void a_worker_that_was_killed_is_named() throws Exception {
        BrokerSession killed = BrokerEngine.of(broker).session("killed", LEASE);
        killed.beat();
        try (Worker worker = QuickWorkers.of(broker).handler("t", task -> null).start()) {
            await().until(worker::isReady);
            long began = System.nanoTime();
            PauseResult result = broker.pause("test");
            assertThat(result.unacknowledged()).containsExactly("killed");
            assertThat(result.isAcknowledged()).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofSeconds(4), PATIENCE);
            assertThat(broker.stats().paused()).isTrue();
            // An acknowledgement counts for the pause at which it was given.
            killed.seeHold(true);
            assertThat(broker.pause("again").unacknowledged()).containsExactly("killed");
        }
    }

    @Test
    void pauses_one_queue_of_several() throws Exception {
        RedisBroker other = broker.queue(redis.queue() + "-b");
        AtomicInteger runs = new AtomicInteger();
        try (Worker worker = Worker.of(broker)
                .queue(redis.queue())
                .queue(other.queue())
                .concurrency(2)
                .handler("t", task -> runs.incrementAndGet())
                .start()) {
            await().until(worker::isReady);
            for (int i = 0; i < 5; i++) {
                int before = runs.get();
                assertThat(broker.pause("test").unacknowledged()).isEmpty();
                broker.enqueueAll(tasks("t", 10));
                other.enqueueAll(tasks("t", 10));
                await().atMost(PATIENCE).until(() -> other.stats().unfinished() == 0);
                assertThat(runs.get()).isEqualTo(before + 10);
                assertThat(worker.isReady()).isTrue();
                assertThat(worker.health().paused()).containsOnlyKeys(redis.queue());
                broker.resume();
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            }
        }
    }

    @Test
    void delayed_tasks_go_on_coming_due() throws Exception {
        try (Worker worker = QuickWorkers.of(broker).handler("t", task -> null).start()) {
            await().until(worker::isReady);
            assertThat(broker.pause("test").isAcknowledged()).isTrue();
            broker.enqueue(Task.of("t", 1).in(Duration.ofMillis(200)));
            await().atMost(PATIENCE).until(() -> broker.stats().normal() == 1);
            assertThat(broker.stats().scheduled()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "anything", "{}", "[1,2", "{\"since\":1e400}", "\n\u0000"})
    void whatever_another_program_sets_pauses_too(String text) {
        redis.client().set(redis.key("paused"), text);
        QueuePause pause = broker.stats().pause().orElseThrow();
        assertThat(pause.describe()).startsWith("paused").doesNotContain("\n");
        assertThat(pause.by()).isEmpty();
        assertThat(broker.resume()).isTrue();
    }

    @Test
    void a_long_text_is_shown_shortened_and_a_key_of_another_type_pauses_too() throws Exception {
        redis.client().set(redis.key("paused"), "x".repeat(1 << 20));
        assertThat(broker.stats().pause().orElseThrow().reason().orElseThrow()).hasSizeLessThan(1_100);
        redis.client().del(redis.key("paused"));
        redis.client().lpush(redis.key("paused"), "a list");
        redis.client().lpush(redis.key("paused:seen"), "a list");
        broker.enqueue("t", 1);
        try (LogCapture log = new LogCapture(Worker.class);
                Worker worker =
                        QuickWorkers.of(broker).handler("t", task -> null).start()) {
            await().atMost(PATIENCE).until(() -> !worker.health().paused().isEmpty());
            assertThat(broker.stats().pause().orElseThrow().reason().orElseThrow())
                    .contains("WRONGTYPE");
            assertThat(broker.pause("mine").isAcknowledged()).isTrue();
            assertThat(broker.stats().ready()).isEqualTo(1);
            broker.resume();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            await().atMost(PATIENCE)
                    .until(() -> log.lines(Level.INFO).toString().contains("queue resumed"));
            assertThat(log.lines(Level.INFO).stream().filter(line -> line.contains("queue paused")))
                    .hasSize(1);
        }
    }

    @Test
    void a_metric_tells_it() throws Exception {
        CollectorRegistry registry = new CollectorRegistry();
        Map<Boolean, Double> values = Map.of(false, 0.0, true, 1.0);
        try (Worker worker = QuickWorkers.of(broker)
                .metrics(new WorkerMetrics(registry))
                .handler("t", task -> null)
                .start()) {
            await().until(worker::isReady);
            for (boolean paused : List.of(false, true, false)) {
                if (paused) {
                    broker.pause("test");
                } else {
                    broker.resume();
                }
                assertThat(registry.getSampleValue(
                                "go_task_queue_paused", new String[] {"queue"}, new String[] {redis.queue()}))
                        .isEqualTo(values.get(paused));
            }
        }
    }
}
