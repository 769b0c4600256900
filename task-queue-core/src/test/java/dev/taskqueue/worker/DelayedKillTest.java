package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are killed with tasks whose time has not come lose none of them, and none of them runs early. */
class DelayedKillTest {

    private static final int KILLS = 6;
    private static final int TASKS_A_KILL = 60;
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    @Test
    void none_is_lost_and_none_is_early() throws Exception {
        Random random = new Random(11);
        List<Task> tasks = new ArrayList<>();
        try (RedisBroker broker = redis.broker();
                Fleet fleet = Fleet.start(folder, 2, redis.settings().address(), redis.queue(), 2, LEASE, 1_000)) {
            await().atMost(PATIENCE).until(fleet::isReady);
            for (int kill = 0; kill < KILLS; kill++) {
                // In the midst of them, so that it holds some.
                int victimAt = random.nextInt(TASKS_A_KILL);
                for (int i = 0; i < TASKS_A_KILL; i++) {
                    Task task = Task.of(FleetWorker.RECORD, 0).in(Duration.ofMillis(300 + random.nextInt(1_500)));
                    tasks.add(task);
                    if (i % 2 == 0) {
                        redis.client().lpush(redis.queue().getBytes(), broker.format(task));
                    } else {
                        broker.enqueue(task);
                    }
                    if (i == victimAt) {
                        int index = kill;
                        await().atMost(PATIENCE).until(() -> fleet.killReady(index));
                    }
                }
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            Map<String, List<Fleet.Run>> runs = fleet.runs();
            assertThat(fleet.deaths()).isBetween(1, KILLS);
            for (Task task : tasks) {
                // Redis runs on this machine, and so by this clock.
                assertThat(runs.get(task.id()))
                        .as(task.id())
                        .isNotNull()
                        .allSatisfy(run -> assertThat(run.millis())
                                .isGreaterThanOrEqualTo(
                                        task.runAt().orElseThrow().toEpochMilli()));
            }
            assertThat(broker.stats().dead()).isZero();
        }
    }
}
