package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Promise 2, with several workers after the same keys. */
class IdempotencyRaceTest {

    private static final int KEYS = 30;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> successes = new ConcurrentHashMap<>();
    private final AtomicInteger overlaps = new AtomicInteger();

    private Object handle(TaskContext task) throws InterruptedException {
        String key = task.payload().textValue();
        if (running.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet() > 1) {
            overlaps.incrementAndGet();
        }
        try {
            Thread.sleep(5);
            if (task.id().hashCode() % 3 == 0 && task.attempt() == 1) {
                throw new IllegalStateException("the first time");
            }
            successes.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet();
            return null;
        } finally {
            running.get(key).decrementAndGet();
        }
    }

    private void runAll(boolean keyed) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < KEYS * 4; i++) {
            String key = "k" + i % KEYS;
            tasks.add(keyed ? Task.of("t", key).withIdempotencyKey(key) : Task.of("t", key));
        }
        Collections.shuffle(tasks, new Random(3));
        try (RedisBroker broker = redis.broker();
                Worker first = worker(broker);
                Worker second = worker(broker)) {
            broker.enqueueAll(tasks);
            await().atMost(Duration.ofSeconds(60)).until(() -> broker.stats().unfinished() == 0);
            assertThat(first.isReady() && second.isReady()).isTrue();
        }
    }

    private Worker worker(RedisBroker broker) {
        return QuickWorkers.of(broker)
                .concurrency(20)
                .retryPolicy((task, failure) -> Duration.ofMillis(1))
                .handler("t", this::handle)
                .start();
    }

    @Test
    void of_the_tasks_of_one_key_one_succeeds_and_no_two_overlap() {
        runAll(true);
        assertThat(overlaps).hasValue(0);
        assertThat(successes).hasSize(KEYS);
        assertThat(successes.values()).allMatch(count -> count.get() == 1);
    }

    @Test
    void without_keys_the_same_tasks_do_overlap_so_that_the_race_is_real() {
        runAll(false);
        assertThat(overlaps).hasPositiveValue();
        assertThat(successes.values()).allMatch(count -> count.get() == 4);
    }
}
