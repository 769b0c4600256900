package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nothing is hoarded: what is claimed beyond the idle threads is bounded, short, and goes back. */
class PrefetchTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @Test
    void slow_tasks_are_claimed_for_idle_threads_alone() {
        Prefetch prefetch = new Prefetch(10);
        assertThat(prefetch.allowance()).isZero();
        prefetch.learn(Duration.ofSeconds(3).toNanos(), 1);
        assertThat(prefetch.allowance()).isZero();
    }

    @Test
    void two_milliseconds_of_work_are_claimed_ahead_and_never_more_than_the_most() {
        Prefetch prefetch = new Prefetch(10);
        prefetch.learn(Duration.ofMillis(1).toNanos() * 50, 50);
        assertThat(prefetch.allowance()).isEqualTo(20);
        for (int i = 0; i < 100; i++) {
            prefetch.learn(1_000, 50);
        }
        assertThat(prefetch.allowance()).isEqualTo(256);
        prefetch.backOff();
        assertThat(prefetch.allowance()).isZero();
    }

    @Test
    void a_runner_is_woken_for_a_tenth_of_a_millisecond_of_work_and_for_each_task_that_is_slow_or_unknown() {
        Prefetch prefetch = new Prefetch(10);
        assertThat(prefetch.runnersFor(7)).isEqualTo(7);
        prefetch.learn(100, 100);
        assertThat(prefetch.runnersFor(200)).isEqualTo(1);
        assertThat(prefetch.runnersFor(0)).isZero();
        Prefetch moderate = new Prefetch(10);
        moderate.learn(Duration.ofMillis(1).toNanos(), 100);
        assertThat(moderate.runnersFor(100)).isEqualTo(11);
        Prefetch slow = new Prefetch(10);
        slow.learn(Duration.ofMillis(1).toNanos(), 1);
        assertThat(slow.runnersFor(50)).isEqualTo(50);
    }

    private static void learnThatTasksAreShort(RedisBroker broker, AtomicInteger quick) {
        broker.enqueueAll(
                IntStream.range(0, 3_000).mapToObj(i -> Task.of("quick", i)).toList());
        await().atMost(PATIENCE).until(() -> quick.get() == 3_000);
    }

    @Test
    void slow_tasks_that_come_after_short_ones_all_run_at_once() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger quick = new AtomicInteger();
        AtomicInteger running = new AtomicInteger();
        try (RedisBroker broker = redis.broker();
                Worker worker = QuickWorkers.of(broker)
                        .concurrency(10)
                        .handler("quick", task -> quick.incrementAndGet())
                        .handler("slow", task -> {
                            running.incrementAndGet();
                            release.await();
                            return null;
                        })
                        .start()) {
            learnThatTasksAreShort(broker, quick);
            broker.enqueueAll(
                    IntStream.range(0, 30).mapToObj(i -> Task.of("slow", i)).toList());
            await().atMost(PATIENCE).until(() -> running.get() == 10);
            assertThat(worker.isReady()).isTrue();
            release.countDown();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(running).hasValue(30);
        }
    }

    @Test
    void what_waits_behind_slow_tasks_goes_back_for_other_workers() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger quick = new AtomicInteger();
        try (RedisBroker broker = redis.broker();
                Worker worker = QuickWorkers.of(broker)
                        .concurrency(2)
                        .handler("quick", task -> quick.incrementAndGet())
                        .handler("slow", task -> {
                            release.await();
                            return null;
                        })
                        .start()) {
            learnThatTasksAreShort(broker, quick);
            List<Task> mixed = new ArrayList<>(List.of(Task.of("slow", 1), Task.of("slow", 2)));
            IntStream.range(0, 100).forEach(i -> mixed.add(Task.of("quick", i)));
            broker.enqueueAll(mixed);
            await().atMost(PATIENCE)
                    .until(() ->
                            broker.stats().processing() == 2 && broker.stats().ready() == 100);
            assertThat(quick).hasValue(3_000);
            release.countDown();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(quick).hasValue(3_100);
            assertThat(worker.isReady()).isTrue();
        }
    }
}
