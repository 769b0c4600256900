package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Enqueued;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.Unique;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Many producers, many keys, and workers that are killed: never have two tasks of one key begun and not ended. */
class UniqueRaceTest {

    private static final int PRODUCERS = 8;
    private static final int KEYS = 1_000;
    private static final int BATCHES = 60;
    private static final int BATCH = 20;
    private static final int KILLS = 6;
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger produced = new AtomicInteger();

    private Void produce(RedisBroker broker, int seed, boolean unique) throws InterruptedException {
        Random random = new Random(seed);
        for (int i = 0; i < BATCHES; i++) {
            List<Task> batch = new ArrayList<>();
            for (int j = 0; j < BATCH; j++) {
                // Some keys are wanted much more often than others.
                int key = random.nextInt(1 + random.nextInt(KEYS));
                Task task = Task.of(FleetWorker.EXCLUSIVE, "k" + key);
                task = random.nextInt(10) == 0 ? task.in(Duration.ofMillis(random.nextInt(300))) : task;
                batch.add(unique ? task.unique(rule(key)) : task);
            }
            for (Enqueued enqueued : broker.enqueueAll(batch)) {
                if (enqueued.accepted()) {
                    accepted.add(enqueued.id());
                }
            }
            produced.incrementAndGet();
            Thread.sleep(random.nextInt(100));
        }
        return null;
    }

    private static Unique rule(int key) {
        return Unique.by("k" + key).orElse(Unique.OrElse.values()[key % 3]);
    }

    private void race(boolean unique) throws Exception {
        ExecutorService producers = Executors.newFixedThreadPool(PRODUCERS);
        try (RedisBroker broker = redis.broker();
                Fleet fleet = Fleet.start(folder, 3, redis.settings().address(), redis.queue(), 4, LEASE, 1_000)) {
            await().atMost(PATIENCE).until(fleet::isReady);
            List<Future<Void>> ends = new ArrayList<>();
            for (int seed = 0; seed < PRODUCERS; seed++) {
                int own = seed;
                ends.add(producers.submit(() -> produce(broker, own, unique)));
            }
            for (int kill = 1; kill <= KILLS; kill++) {
                int index = kill;
                await().atMost(PATIENCE).until(() -> produced.get() >= index * PRODUCERS * BATCHES / (KILLS + 1));
                await().atMost(PATIENCE).until(() -> fleet.killReady(index));
            }
            for (Future<Void> end : ends) {
                end.get();
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(fleet.deaths()).isBetween(1, KILLS);
            assertThat(broker.stats().dead()).isZero();
            assertThat(accepted)
                    .allSatisfy(id -> assertThat(broker.status(id).orElseThrow().state())
                            .as(id)
                            .isEqualTo(TaskState.SUCCEEDED));
        } finally {
            producers.shutdownNow();
        }
    }

    private List<String> overlaps() {
        return redis.client().lrange(FleetWorker.overlaps(redis.queue()), 0, -1);
    }

    @Test
    void unique_tasks_exclude_one_another_and_leave_no_key_behind() throws Exception {
        race(true);
        assertThat(overlaps()).isEmpty();
        assertThat(redis.client().keys(redis.key("unique:*"))).isEmpty();
        assertThat(accepted).hasSizeBetween(KEYS / 2, PRODUCERS * BATCHES * BATCH - KEYS);
    }

    @Test
    void without_a_unique_key_they_do_not() throws Exception {
        race(false);
        assertThat(overlaps()).isNotEmpty();
    }
}
