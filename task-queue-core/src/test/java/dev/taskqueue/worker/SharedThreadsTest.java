package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One worker serves several queues with one set of threads: none delays another, and the threads are shared by weight. */
class SharedThreadsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CollectorRegistry registry = new CollectorRegistry();
    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private String name(String suffix) {
        return redis.queue() + "-" + suffix;
    }

    private RedisBroker queue(String suffix) {
        return broker.queue(name(suffix));
    }

    private void enqueue(String suffix, int count) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(Task.of("t", i));
        }
        queue(suffix).enqueueAll(tasks);
    }

    @Test
    void each_queue_is_served_in_all_its_lanes_and_its_tasks_know_it() {
        Map<String, List<String>> seen = new ConcurrentHashMap<>();
        try (Worker worker = Worker.of(broker)
                .queue(name("a"), 6)
                .queue(name("b"))
                .concurrency(3)
                .handler("t", task -> {
                    seen.computeIfAbsent(task.queue(), queue -> Collections.synchronizedList(new ArrayList<>()))
                            .add(task.priority().name());
                    return null;
                })
                .start()) {
            assertThat(worker.queues()).containsExactly(name("a"), name("b"));
            for (String queue : List.of("a", "b")) {
                for (Priority priority : Priority.values()) {
                    String id = queue(queue)
                            .enqueue(Task.of("t", 1).withPriority(priority))
                            .id();
                    await().atMost(PATIENCE)
                            .until(() -> queue(queue).status(id).orElseThrow().state() == TaskState.SUCCEEDED);
                }
            }
            assertThat(seen.get(name("a"))).containsExactlyInAnyOrder("HIGH", "NORMAL", "LOW");
            assertThat(seen.get(name("b"))).containsExactlyInAnyOrder("HIGH", "NORMAL", "LOW");
        }
    }

    @Test
    void the_broker_s_own_queue_is_left_alone_unless_it_is_named() {
        String left = broker.enqueue("t", 1).id();
        try (Worker worker = Worker.of(broker)
                .queue(name("a"))
                .queue(name("b"))
                .handler("t", task -> null)
                .start()) {
            String id = queue("a").enqueue("t", 1).id();
            await().atMost(PATIENCE)
                    .until(() -> queue("a").status(id).orElseThrow().state() == TaskState.SUCCEEDED);
            assertThat(worker.isReady()).isTrue();
            assertThat(broker.status(left).orElseThrow().state()).isEqualTo(TaskState.PENDING);
        }
    }

    /** Threads, then weights of three queues; all have more tasks than can be done. */
    @ParameterizedTest
    @CsvSource({"10, 6, 3, 1", "5, 6, 3, 1", "1, 6, 3, 1", "4, 1, 1, 1", "10, 5, 2, 2"})
    void under_load_the_threads_are_shared_by_weight(int threads, int first, int second, int third) {
        Map<String, Integer> weights = Map.of("a", first, "b", second, "c", third);
        weights.keySet().forEach(queue -> enqueue(queue, 3_000));
        // Not from the start, as the queues do not all begin at the same moment; and not to the end, as then none
        // waits.
        CountDownLatch allBegun = new CountDownLatch(3);
        int counted = 150 * threads + 1_500;
        // Their time, as on a busy machine a sleep may last much longer than it should.
        Map<String, AtomicLong> nanos = new HashMap<>();
        Map<String, AtomicInteger> begun = new HashMap<>();
        weights.keySet().forEach(queue -> nanos.put(name(queue), new AtomicLong()));
        weights.keySet().forEach(queue -> begun.put(name(queue), new AtomicInteger()));
        AtomicInteger total = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        Worker.Builder builder = Worker.of(broker).concurrency(threads).handler("t", task -> {
            if (begun.get(task.queue()).incrementAndGet() == 30) {
                allBegun.countDown();
            }
            long began = System.nanoTime();
            Thread.sleep(2);
            if (allBegun.getCount() == 0 && done.getCount() > 0) {
                nanos.get(task.queue()).addAndGet(System.nanoTime() - began);
                if (total.incrementAndGet() == counted) {
                    done.countDown();
                }
            }
            return null;
        });
        weights.forEach((queue, weight) -> builder.queue(name(queue), weight));
        try (Worker worker = builder.start()) {
            await().atMost(PATIENCE).until(() -> done.getCount() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        double all = nanos.values().stream().mapToLong(AtomicLong::get).sum();
        weights.forEach((queue, weight) -> {
            double share = nanos.get(name(queue)).get() / all;
            double fair = weight / (double) (first + second + third);
            assertThat(share / fair)
                    .as("share of " + queue + " over its part of the weights, " + nanos)
                    .isBetween(0.85, 1.15);
        });
    }

    @Test
    void the_time_of_threads_is_shared_not_the_number_of_tasks() {
        enqueue("long", 1_000);
        enqueue("short", 8_000);
        Map<String, AtomicLong> nanos = Map.of(name("long"), new AtomicLong(), name("short"), new AtomicLong());
        AtomicInteger longOnes = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        try (Worker worker = Worker.of(broker)
                .queue(name("long"))
                .queue(name("short"))
                .concurrency(4)
                .handler("t", task -> {
                    boolean isLong = task.queue().equals(name("long"));
                    long began = System.nanoTime();
                    Thread.sleep(isLong ? 20 : 2);
                    if (done.getCount() > 0) {
                        nanos.get(task.queue()).addAndGet(System.nanoTime() - began);
                    }
                    if (isLong && longOnes.incrementAndGet() == 200) {
                        done.countDown();
                    }
                    return null;
                })
                .start()) {
            await().atMost(PATIENCE).until(() -> done.getCount() == 0);
            assertThat(worker.isReady()).isTrue();
            assertThat(queue("short").stats().ready()).isPositive();
        }
        double ratio =
                nanos.get(name("long")).doubleValue() / nanos.get(name("short")).doubleValue();
        assertThat(ratio)
                .as("time of the long ones over that of the short ones")
                .isBetween(0.85, 1.15);
    }

    @Test
    void a_queue_at_its_limit_leaves_the_other_threads_to_the_others() throws Exception {
        enqueue("slow", 100);
        enqueue("quick", 2_000);
        Semaphore release = new Semaphore(0);
        AtomicInteger slow = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Worker worker = Worker.of(broker)
                .queue(name("quick"))
                .queue(name("slow"), 1, 4)
                .concurrency(10)
                .shutdownGrace(Duration.ZERO)
                .handler("t", task -> {
                    if (task.queue().equals(name("slow"))) {
                        most.accumulateAndGet(slow.incrementAndGet(), Math::max);
                        try {
                            release.acquire();
                        } finally {
                            slow.decrementAndGet();
                        }
                    }
                    return null;
                })
                .start()) {
            await().atMost(PATIENCE)
                    .until(() -> slow.get() == 4 && queue("quick").stats().unfinished() == 0);
            // Claimed ones count, not only those that run.
            assertThat(queue("slow").stats().processing()).isEqualTo(4);
            release.release(96);
            await().atMost(PATIENCE).until(() -> queue("slow").stats().ready() == 0);
            release.release(4);
            await().atMost(PATIENCE).until(() -> queue("slow").stats().unfinished() == 0);
            assertThat(most.get()).isEqualTo(4);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void an_idle_thread_takes_whatever_waits_wherever() {
        CountDownLatch all = new CountDownLatch(8);
        try (Worker worker = Worker.of(broker)
                .queue(name("a"), 100)
                .queue(name("b"), 1)
                .queue(name("c"), 50)
                .concurrency(8)
                .handler("t", task -> {
                    all.countDown();
                    // Only where all eight run at the same time does any come to its end.
                    all.await();
                    return null;
                })
                .start()) {
            await().until(worker::isReady);
            enqueue("b", 8);
            await().atMost(PATIENCE).until(() -> queue("b").stats().unfinished() == 0);
        }
    }

    @Test
    void a_queue_of_which_there_is_only_one_keeps_to_its_limit_too() {
        enqueue("a", 50);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Worker worker = Worker.of(broker)
                .queue(name("a"), 1, 2)
                .concurrency(6)
                .handler("t", task -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.sleep(5);
                    running.decrementAndGet();
                    return null;
                })
                .start()) {
            await().atMost(PATIENCE).until(() -> queue("a").stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(most.get()).isEqualTo(2);
    }

    @Test
    void sixteen_queues_take_no_more_than_twice_the_threads_of_one() {
        int one;
        try (Worker worker = Worker.of(broker).handler("t", task -> null).start()) {
            await().until(worker::isReady);
            one = roleThreads(worker);
        }
        Worker.Builder builder = Worker.of(broker).handler("t", task -> null);
        for (int i = 0; i < 16; i++) {
            builder.queue(name("q" + i));
        }
        try (Worker worker = builder.start()) {
            await().until(worker::isReady);
            assertThat(roleThreads(worker)).isBetween(one, 2 * one);
            // Each of them works, with one connection pool of the usual size.
            for (int i = 0; i < 16; i++) {
                enqueue("q" + i, 100);
            }
            for (int i = 0; i < 16; i++) {
                String queue = "q" + i;
                await().atMost(PATIENCE).until(() -> queue(queue).stats().unfinished() == 0);
            }
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.isAlive() && thread.getName().startsWith("task-queue-fetcher"));
    }

    private static int roleThreads(Worker worker) {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().endsWith(worker.name())
                        && !thread.getName().startsWith("task-queue-runner"))
                .count();
    }

    @Test
    void a_paused_queue_holds_up_no_other() {
        redis.client().set(name("a") + ":paused", "{}");
        enqueue("a", 5);
        enqueue("b", 500);
        try (Worker worker = Worker.of(broker)
                .queue(name("a"), 100)
                .queue(name("b"))
                .handler("t", task -> null)
                .start()) {
            await().atMost(PATIENCE).until(() -> queue("b").stats().unfinished() == 0);
            assertThat(queue("a").stats().ready()).isEqualTo(5);
            redis.client().del(name("a") + ":paused");
            await().atMost(PATIENCE).until(() -> queue("a").stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void what_is_not_done_when_the_worker_closes_goes_back_to_its_own_queue() {
        enqueue("a", 20);
        enqueue("b", 20);
        CountDownLatch started = new CountDownLatch(4);
        Worker worker = Worker.of(broker)
                .queue(name("a"))
                .queue(name("b"))
                .concurrency(4)
                .shutdownGrace(Duration.ZERO)
                .handler("t", task -> {
                    started.countDown();
                    Thread.sleep(60_000);
                    return null;
                })
                .start();
        await().atMost(PATIENCE).until(() -> started.getCount() == 0);
        worker.close();
        for (String queue : List.of("a", "b")) {
            assertThat(queue(queue).stats().ready()).isEqualTo(20);
            assertThat(queue(queue).stats().processing()).isZero();
            assertThat(redis.client().zcard(name(queue) + ":workers")).isZero();
        }
    }

    @Test
    void workers_that_are_closed_together_drain_together() {
        enqueue("a", 2);
        enqueue("b", 2);
        CountDownLatch running = new CountDownLatch(4);
        Semaphore release = new Semaphore(0);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            workers.add(Worker.of(broker)
                    .queue(name("a"))
                    .queue(name("b"))
                    .concurrency(2)
                    .handler("t", task -> {
                        running.countDown();
                        release.acquire();
                        return null;
                    })
                    .start());
        }
        await().atMost(PATIENCE).until(() -> running.getCount() == 0);
        Thread closing = new Thread(() -> Worker.closeAll(workers));
        closing.start();
        await().atMost(PATIENCE)
                .until(() -> workers.stream()
                        .allMatch(
                                worker -> worker.health().notReady().toString().contains("is closing")));
        assertThat(closing.isAlive()).isTrue();
        release.release(4);
        await().atMost(PATIENCE).until(() -> !closing.isAlive());
        assertThat(queue("a").stats().unfinished() + queue("b").stats().unfinished())
                .isZero();
    }

    @Test
    void a_dead_worker_s_tasks_are_taken_back_in_each_queue() {
        for (String queue : List.of("a", "b")) {
            redis.client().zadd(name(queue) + ":workers", 1, "gone");
            redis.client().lpush(name(queue) + ":processing:gone", "{\"id\":\"" + queue + "\",\"type\":\"t\"}");
        }
        try (Worker worker = Worker.of(broker)
                .queue(name("a"))
                .queue(name("b"))
                .lease(Duration.ofSeconds(1))
                .metrics(new WorkerMetrics(registry))
                .handler("t", task -> null)
                .start()) {
            for (String queue : List.of("a", "b")) {
                await().atMost(PATIENCE)
                        .until(() -> queue(queue)
                                .status(queue)
                                .map(status -> status.state())
                                .equals(java.util.Optional.of(TaskState.SUCCEEDED)));
                assertThat(registry.getSampleValue(
                                "go_task_queue_recovered_total", new String[] {"queue"}, new String[] {name(queue)}))
                        .isEqualTo(1);
            }
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void a_queue_that_refuses_the_worker_shows_by_its_name_and_stops_no_other() {
        redis.client().set(name("newer") + ":format", "999");
        enqueue("good", 100);
        try (Worker worker = Worker.of(broker)
                .queue(name("newer"))
                .queue(name("good"))
                .handler("t", task -> null)
                .start()) {
            await().atMost(PATIENCE).until(() -> queue("good").stats().unfinished() == 0);
            await().atMost(PATIENCE).untilAsserted(() -> {
                WorkerHealth health = worker.health();
                assertThat(health.isReady()).isFalse();
                assertThat(health.isAlive()).isTrue();
                assertThat(health.queues().get(name("good"))).isEmpty();
                assertThat(health.queues().get(name("newer"))).isNotEmpty();
                assertThat(String.join(" ", health.notReady())).contains(name("newer"));
            });
        }
    }

    @Test
    void queues_that_cannot_be_are_refused_with_a_sentence() {
        Worker.Builder builder = Worker.of(broker).queue("a", 1, 1);
        assertThatThrownBy(() -> builder.queue("a")).hasMessage("queue \"a\" is given twice; only once is allowed");
        assertThatThrownBy(() -> builder.queue("b", 0)).hasMessageContaining("weight is 0");
        assertThatThrownBy(() -> builder.queue("b", 1_001)).hasMessageContaining("weight is 1001");
        assertThatThrownBy(() -> builder.queue("b", 1, 0)).hasMessageContaining("maxThreads is 0");
        assertThatThrownBy(() -> builder.queue("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.queue("a{b}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        builder.queue("q" + i);
                    }
                })
                .hasMessageContaining("queues is 101");
    }
}
