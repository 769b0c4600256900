package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.LogCapture;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.event.Level;

/** A quiet worker begins nothing more, and does all else that a worker does. */
class QuietTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CountDownLatch finish = new CountDownLatch(1);
    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    @AfterEach
    void close() {
        finish.countDown();
        broker.close();
    }

    private void makeQuiet(Worker worker) {
        await().atMost(PATIENCE).until(() -> broker.quiet(worker.name()));
        awaitQuiet(worker);
    }

    private static void awaitQuiet(Worker worker) {
        await().atMost(PATIENCE).until(() -> worker.health().quiet().isPresent());
    }

    private static List<Task> tasks(String type, int count) {
        return IntStream.range(0, count).mapToObj(i -> Task.of(type, i)).toList();
    }

    @Test
    void what_runs_goes_on_and_what_has_not_begun_goes_back() {
        CountDownLatch begun = new CountDownLatch(1);
        List<Integer> run = new CopyOnWriteArrayList<>();
        Task slow = Task.of("slow", 0);
        try (Worker worker = Worker.of(broker)
                .concurrency(1)
                .handler("quick", task -> run.add(task.payload().intValue()))
                .handler("slow", task -> {
                    begun.countDown();
                    return finish.await(1, TimeUnit.MINUTES);
                })
                .start()) {
            // It learns that tasks are short, and claims ahead.
            broker.enqueueAll(tasks("quick", 2_000));
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            run.clear();
            List<Task> next = new ArrayList<>(List.of(slow));
            next.addAll(tasks("quick", 200));
            broker.enqueueAll(next);
            await().atMost(PATIENCE).until(() -> begun.getCount() == 0);
            makeQuiet(worker);
            await().atMost(PATIENCE).until(() -> broker.stats().normal() == 200);
            assertThat(broker.stats().processing()).isEqualTo(1);
            finish.countDown();
            await().atMost(PATIENCE).until(() -> broker.stats().processing() == 0);
            assertThat(broker.status(slow.id()).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
            assertThat(run).isEmpty();
            assertThat(broker.unquiet(worker.name())).isTrue();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(worker.health().quiet()).isEmpty();
        }
        assertThat(run)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 200).boxed().toList());
    }

    @Test
    void what_was_claimed_ahead_goes_back_in_order() {
        List<Integer> order = new CopyOnWriteArrayList<>();
        try (Worker worker = Worker.of(broker)
                .concurrency(1)
                .handler("t", task -> {
                    LockSupport.parkNanos(200_000);
                    return order.add(task.payload().intValue());
                })
                .start()) {
            broker.enqueueAll(tasks("t", 20_000));
            await().atMost(PATIENCE).until(() -> order.size() > 200);
            makeQuiet(worker);
            await().atMost(PATIENCE).until(() -> broker.stats().processing() == 0);
            int before = order.size();
            assertThat(broker.stats().normal()).isEqualTo(20_000 - before).isPositive();
            assertThat(broker.unquiet(worker.name())).isTrue();
            await().atMost(PATIENCE).until(() -> order.size() > before + 200);
        }
        assertThat(order)
                .containsExactlyElementsOf(
                        IntStream.range(0, order.size()).boxed().toList());
    }

    @Test
    void it_stays_ready_says_why_it_is_idle_and_goes_on_promoting_while_others_work() {
        try (LogCapture log = new LogCapture(Worker.class);
                Worker quiet = QuickWorkers.of(broker)
                        .lease(Duration.ofSeconds(1))
                        .handler("t", task -> null)
                        .start()) {
            makeQuiet(quiet);
            broker.enqueue(Task.of("t", 1).in(Duration.ofMillis(100)));
            await().atMost(PATIENCE).until(() -> broker.stats().normal() == 1);
            // Longer than it takes to find out that nothing is claimed.
            await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(quiet::isReady);
            assertThat(quiet.health().quiet().orElseThrow())
                    .startsWith("quiet by " + System.getProperty("user.name") + "@");
            assertThat(broker.workers()).singleElement().satisfies(info -> {
                assertThat(info.silent()).isFalse();
                assertThat(info.quiet().flatMap(WorkerInfo.Quiet::since)).isPresent();
            });
            try (Worker other =
                    QuickWorkers.of(broker).handler("t", task -> null).start()) {
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
                assertThat(other.health().quiet()).isEmpty();
            }
            assertThat(log.lines(Level.INFO))
                    .filteredOn(message -> message.contains("worker quiet"))
                    .hasSize(1);
        }
        assertThat(redis.client().exists(redis.key("quiet"))).as("it has left").isFalse();
    }

    @Test
    void it_closes_in_the_midst_of_its_work() {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        try (Worker worker = QuickWorkers.of(broker)
                .concurrency(1)
                .handler("t", task -> {
                    begun.countDown();
                    finish.await(1, TimeUnit.MINUTES);
                    return runs.incrementAndGet();
                })
                .start()) {
            broker.enqueueAll(tasks("t", 3));
            await().atMost(PATIENCE).until(() -> begun.getCount() == 0);
            makeQuiet(worker);
            finish.countDown();
        }
        assertThat(runs).hasValue(1);
        assertThat(broker.stats().normal()).isEqualTo(2);
        assertThat(broker.stats().processing()).isZero();
        assertThat(broker.workers()).isEmpty();
    }

    @Test
    void through_one_of_its_queues_it_is_quiet_in_all() {
        RedisBroker other = broker.queue(redis.queue() + "-b");
        AtomicInteger runs = new AtomicInteger();
        try (Worker worker = QuickWorkers.of(broker)
                .queue(redis.queue())
                .queue(other.queue())
                .concurrency(2)
                .handler("t", task -> runs.incrementAndGet())
                .start()) {
            makeQuiet(worker);
            other.enqueueAll(tasks("t", 5));
            await().during(Duration.ofSeconds(1)).until(() -> runs.get() == 0);
            assertThat(other.stats().normal()).isEqualTo(5);
            await().atMost(PATIENCE).until(() -> other.workers().get(0).quiet().isPresent());
            broker.unquiet(worker.name());
            await().atMost(PATIENCE).until(() -> runs.get() == 5);
            await().atMost(PATIENCE).until(() -> other.workers().get(0).quiet().isEmpty());
        }
    }

    @Test
    void all_that_live_now_can_be_made_quiet_and_a_later_one_works() {
        try (Worker first = QuickWorkers.of(broker).handler("t", task -> null).start();
                Worker second =
                        QuickWorkers.of(broker).handler("t", task -> null).start()) {
            await().atMost(PATIENCE).until(() -> broker.workers().size() == 2);
            assertThat(broker.quietAll()).containsExactlyInAnyOrder(first.name(), second.name());
            awaitQuiet(first);
            awaitQuiet(second);
            broker.enqueue("t", 1);
            try (Worker third =
                    QuickWorkers.of(broker).handler("t", task -> null).start()) {
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
                assertThat(third.health().quiet()).isEmpty();
            }
            assertThat(broker.unquietAll()).containsExactlyInAnyOrder(first.name(), second.name());
            broker.enqueue("t", 2);
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        }
        assertThat(broker.quietAll()).isEmpty();
        assertThat(broker.unquietAll()).isEmpty();
    }

    @Test
    void a_pause_is_acknowledged_and_outlasts_it_and_the_other_way_round() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        try (Worker worker = QuickWorkers.of(broker)
                .handler("t", task -> runs.incrementAndGet())
                .start()) {
            makeQuiet(worker);
            assertThat(broker.pause("both").isAcknowledged()).isTrue();
            broker.enqueue("t", 1);
            broker.unquiet(worker.name());
            await().atMost(PATIENCE).until(() -> worker.health().quiet().isEmpty());
            assertThat(worker.health().paused()).containsOnlyKeys(redis.queue());
            assertThat(runs).hasValue(0);
            makeQuiet(worker);
            broker.resume();
            await().atMost(PATIENCE).until(() -> worker.health().paused().isEmpty());
            await().during(Duration.ofSeconds(1)).until(() -> runs.get() == 0);
            broker.unquiet(worker.name());
            await().atMost(PATIENCE).until(() -> runs.get() == 1);
        }
    }

    @Test
    void who_is_not_there_cannot_be_made_quiet() {
        assertThat(broker.quiet("nobody")).isFalse();
        assertThat(broker.unquiet("nobody")).isFalse();
        assertThat(redis.client().exists(redis.key("quiet"))).isFalse();
    }

    @Test
    void any_text_as_its_mark_makes_a_worker_quiet_and_a_key_of_a_wrong_type_nobody() {
        try (Worker worker = QuickWorkers.of(broker)
                .lease(Duration.ofSeconds(1))
                .handler("t", task -> null)
                .start()) {
            await().atMost(PATIENCE).until(worker::isReady);
            redis.client().set(redis.key("quiet"), "no hash");
            broker.enqueue("t", 1);
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            redis.client().del(redis.key("quiet"));
            redis.client().hset(redis.key("quiet"), worker.name(), "x".repeat(100_000));
            awaitQuiet(worker);
            assertThat(worker.health().quiet()).contains("quiet");
            assertThat(worker.isReady()).isTrue();
            assertThat(broker.unquietAll()).containsExactly(worker.name());
            broker.enqueue("t", 1);
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        }
    }
}
