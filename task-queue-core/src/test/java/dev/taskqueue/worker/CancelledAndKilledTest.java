package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cancellation;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A task that is cancelled while its worker is cut off ends as cancelled once that is back, or the task is recovered. */
class CancelledAndKilledTest {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    @Test
    void whether_its_worker_is_killed_or_comes_back() throws Exception {
        try (RedisBroker broker = redis.broker();
                Fleet fleet = Fleet.start(folder, 2, redis.settings().address(), redis.queue(), 1, LEASE, 1_000)) {
            for (int round = 0; round < 4; round++) {
                boolean dies = round % 2 == 0;
                await().atMost(PATIENCE).until(fleet::isReady);
                // One for each JVM: whichever is frozen holds one.
                List<Task> tasks = List.of(Task.of(FleetWorker.RECORD, 300_000), Task.of(FleetWorker.RECORD, 300_000));
                broker.enqueueAll(tasks);
                await().atMost(PATIENCE).until(() -> runs(fleet, tasks.get(0)) + runs(fleet, tasks.get(1)) == 2);
                List<Cancellation> answers = new ArrayList<>();
                int index = round;
                await().atMost(PATIENCE)
                        .until(() -> fleet.kill(index, () -> {
                                    answers.clear();
                                    tasks.forEach(task -> answers.add(broker.cancel(task.id(), "killed")));
                                    return dies;
                                })
                                || !answers.isEmpty());
                assertThat(answers).containsOnly(Cancellation.REQUESTED);
                for (Task task : tasks) {
                    assertThat(broker.await(task.id(), PATIENCE).orElseThrow().state())
                            .isEqualTo(TaskState.CANCELLED);
                    assertThat(runs(fleet, task)).isOne();
                }
            }
            assertThat(fleet.deaths()).isEqualTo(2);
            assertThat(broker.stats().unfinished() + broker.stats().dead()).isZero();
        }
    }

    private static int runs(Fleet fleet, Task task) throws Exception {
        return fleet.runs().getOrDefault(task.id(), List.of()).size();
    }
}
