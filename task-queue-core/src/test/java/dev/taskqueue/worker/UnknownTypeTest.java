package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cancellation;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A task whose type a worker does not know waits for one that does, and costs nobody anything meanwhile. */
class UnknownTypeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private Worker ignorant() {
        return QuickWorkers.of(broker).concurrency(2).handler("t", task -> null).start();
    }

    private static List<Task> tasks(String type, int count) {
        return IntStream.range(0, count).mapToObj(i -> Task.of(type, i)).toList();
    }

    private void awaitParked(long count) {
        await().atMost(PATIENCE).until(() -> broker.stats().parked() == count);
    }

    @Test
    void it_is_parked_with_its_attempts_unspent_and_run_by_a_worker_that_knows_it() {
        Task plain = Task.of("new", 1);
        Task keyed = Task.of("new", 2).withIdempotencyKey("k").withPriority(Priority.HIGH);
        List<Integer> attempts = new CopyOnWriteArrayList<>();
        try (Worker worker = ignorant()) {
            await().until(worker::isReady);
            broker.enqueue(plain);
            broker.enqueue(keyed);
            awaitParked(2);
            assertThat(redis.client().llen(redis.key("waiting:new"))).isEqualTo(2);
            TaskStatus status = broker.status(plain.id()).orElseThrow();
            assertThat(status.state()).isEqualTo(TaskState.PENDING);
            assertThat(status.parked()).isTrue();
            assertThat(broker.find(plain.id(), 10).place()).isPresent();
            assertThat(broker.stats().unfinished()).isEqualTo(2);
            try (Worker knowing = QuickWorkers.of(broker)
                    .handler("new", task -> attempts.add(task.attempt()))
                    .start()) {
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
                await().atMost(PATIENCE).until(() -> !redis.client().exists(redis.key("waiting")));
                assertThat(knowing.isReady()).isTrue();
            }
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(attempts).containsExactly(1, 1);
        assertThat(broker.status(keyed.id()).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(broker.status(keyed.id()).orElseThrow().parked()).isFalse();
    }

    @Test
    void they_are_run_in_their_order_and_others_are_not_held_up() {
        List<Integer> order = new CopyOnWriteArrayList<>();
        try (Worker worker = QuickWorkers.of(broker)
                .concurrency(1)
                .handler("t", task -> null)
                .start()) {
            broker.enqueueAll(tasks("new", 300));
            broker.enqueueAll(tasks("t", 100));
            awaitParked(300);
            await().atMost(PATIENCE).until(() -> broker.stats().ready() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        try (Worker knowing = QuickWorkers.of(broker)
                .concurrency(1)
                .handler("new", task -> order.add(task.payload().intValue()))
                .start()) {
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(knowing.isReady()).isTrue();
        }
        assertThat(order)
                .containsExactlyElementsOf(IntStream.range(0, 300).boxed().toList());
    }

    /** Each is met once by a worker that does not know it, and then lies there. */
    @Test
    void ten_thousand_of_them_cost_next_to_nothing_and_one_knowing_worker_among_many_gets_them_in_seconds()
            throws Exception {
        AtomicInteger runs = new AtomicInteger();
        List<Worker> workers = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                workers.add(ignorant());
            }
            broker.enqueueAll(tasks("new", 10_000));
            awaitParked(10_000);
            long before = commands("evalsha");
            Thread.sleep(2_000);
            // A rate is what is claimed: what ten idle workers ask in two seconds, and two questions of each for its
            // types.
            assertThat(commands("evalsha") - before).isLessThan(10 * 2 * 30);
            assertThat(broker.stats().parked()).isEqualTo(10_000);
            long began = System.nanoTime();
            workers.add(QuickWorkers.of(broker)
                    .handler("new", task -> runs.incrementAndGet())
                    .start());
            await().atMost(PATIENCE).until(() -> runs.get() > 0);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(runs.get()).isEqualTo(10_000);
        } finally {
            Worker.closeAll(workers);
        }
    }

    /** Nearly every task is met first by a worker that does not know its type, and parked. */
    @Test
    void one_knowing_worker_among_a_hundred_runs_each_task_promptly() {
        AtomicInteger runs = new AtomicInteger();
        List<Worker> workers = new ArrayList<>();
        try {
            for (int i = 0; i < 99; i++) {
                workers.add(QuickWorkers.of(broker)
                        .concurrency(1)
                        .handler("t", task -> null)
                        .start());
            }
            Worker knowing = QuickWorkers.of(broker)
                    .concurrency(1)
                    .handler("new", task -> runs.incrementAndGet())
                    .start();
            workers.add(knowing);
            await().atMost(PATIENCE).until(() -> workers.stream().allMatch(Worker::isReady));
            for (int round = 1; round <= 5; round++) {
                int expected = 20 * round;
                broker.enqueueAll(tasks("new", 20));
                await().atMost(PATIENCE).until(() -> runs.get() == expected);
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        } finally {
            Worker.closeAll(workers);
        }
    }

    private long commands(String name) {
        return redis.client()
                .info("commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_" + name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
                .sum();
    }

    @Test
    void after_its_grace_it_dies_with_a_reason_that_names_type_and_queue() {
        Task task = Task.of("new", 1);
        try (Worker worker = QuickWorkers.of(broker)
                .unknownTypeGrace(Duration.ofSeconds(1))
                .handler("t", one -> null)
                .start()) {
            await().until(worker::isReady);
            broker.enqueue(task);
            awaitParked(1);
            await().atMost(PATIENCE)
                    .until(() -> broker.status(task.id()).orElseThrow().state() == TaskState.DEAD);
            assertThat(redis.client().lindex(redis.key("dead"), 0))
                    .contains("no worker of queue " + redis.queue() + " has handled type \\\"new\\\" within 1 s");
            await().atMost(PATIENCE).until(() -> !redis.client().exists(redis.key("waiting")));
        }
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void the_grace_counts_from_when_it_was_first_met() {
        redis.client().lpush(redis.queue(), "{\"id\":\"old\",\"type\":\"new\",\"waiting_since\":1000,\"payload\":[]}");
        redis.client().lpush(redis.queue(), "{\"id\":\"odd\",\"type\":\"new\",\"waiting_since\":\"x\",\"payload\":[]}");
        try (Worker worker = ignorant()) {
            await().atMost(PATIENCE)
                    .until(() -> broker.status("old")
                            .filter(s -> s.state() == TaskState.DEAD)
                            .isPresent());
            awaitParked(1);
            assertThat(redis.client().lindex(redis.key("waiting:new"), 0))
                    .contains("\"payload\":[]")
                    .containsPattern("\"waiting_since\":\\d{13}");
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void the_grace_begins_anew_for_a_dead_letter_that_is_retried_and_for_a_task_whose_type_was_known_meanwhile() {
        redis.client()
                .lpush(redis.key("dead"), "{\"id\":\"old\",\"type\":\"new\",\"waiting_since\":1000,\"reason\":\"r\"}");
        redis.client().lpush(redis.queue(), "{\"id\":\"failing\",\"type\":\"fails\",\"waiting_since\":1000}");
        try (Worker knowing = QuickWorkers.of(broker)
                .retryPolicy((task, failure) -> Duration.ofDays(1))
                .handler("fails", task -> {
                    throw new IllegalStateException("no");
                })
                .start()) {
            await().atMost(PATIENCE).until(() -> broker.stats().scheduled() == 1);
            assertThat(knowing.isReady()).isTrue();
        }
        String retried = redis.client().zrange(redis.key("scheduled"), 0, -1).get(0);
        redis.client().zadd(redis.key("scheduled"), 1, retried);
        List<DeadLetter> letters = broker.deadLetters()
                .list(DeadLetterFilter.ALL, Optional.empty(), 10)
                .letters();
        assertThat(broker.deadLetters().retry(letters)).isEqualTo(letters);
        try (Worker worker = ignorant()) {
            awaitParked(2);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(broker.stats().dead()).isZero();
    }

    @Test
    void a_key_of_a_wrong_type_in_its_place_holds_up_no_other() {
        redis.client().set(redis.key("waiting:bad"), "a string");
        redis.client().zadd(redis.key("waiting"), 1, "bad");
        try (Worker worker = QuickWorkers.of(broker)
                .handler("t", task -> null)
                .handler("bad", task -> null)
                .start()) {
            broker.enqueueAll(tasks("t", 50));
            broker.enqueueAll(tasks("bad", 50));
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void no_key_is_written_while_all_types_are_known() {
        try (Worker worker = ignorant()) {
            broker.enqueueAll(tasks("t", 100));
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(redis.client().keys(redis.key("waiting*"))).isEmpty();
            assertThat(redis.client().keys(redis.key("paused*"))).isEmpty();
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void one_that_is_parked_can_be_cancelled() {
        try (RedisBroker broker = redis.broker();
                Worker worker =
                        QuickWorkers.of(broker).handler("known", task -> null).start()) {
            String id = broker.enqueue("new", 1).id();
            await().until(() -> broker.stats().parked() == 1);
            assertThat(broker.cancel(id)).isEqualTo(Cancellation.REMOVED);
            assertThat(broker.stats().parked()).isZero();
            assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.CANCELLED);
            assertThat(worker.isReady()).isTrue();
        }
    }
}
