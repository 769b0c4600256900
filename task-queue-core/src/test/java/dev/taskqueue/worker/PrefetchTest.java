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
    void what_waits_behind_slow_tasks_goes_back_for_other_workers() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger quick = new AtomicInteger();
        try (RedisBroker broker = redis.broker();
                Worker worker = Worker.of(broker)
                        .concurrency(2)
                        .handler("quick", task -> quick.incrementAndGet())
                        .handler("slow", task -> {
                            release.await();
                            return null;
                        })
                        .start()) {
            broker.enqueueAll(
                    IntStream.range(0, 3_000).mapToObj(i -> Task.of("quick", i)).toList());
            await().atMost(PATIENCE).until(() -> quick.get() == 3_000);
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
