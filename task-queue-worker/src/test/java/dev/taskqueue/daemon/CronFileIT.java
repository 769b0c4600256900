package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cron;
import dev.taskqueue.CronEntry;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The worker's jar with {@code CRON_FILE}. */
class CronFileIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    private JarProcess start(String address, String lines, String... settings) throws Exception {
        Path file = Files.writeString(folder.resolve("cron.txt"), lines);
        Map<String, String> environment = new HashMap<>(Map.of(
                "REDIS_ADDR", address, "QUEUE_NAME", redis.queue(), "METRICS_PORT", "0", "CRON_FILE", file.toString()));
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        return JarProcess.start("worker.jar", environment);
    }

    private static List<String> names(RedisBroker broker) {
        return broker.crons().list().stream().map(CronEntry::name).toList();
    }

    @Test
    void the_schedules_of_the_file_are_those_of_its_owner_and_fire() throws Exception {
        String address = redis.settings().address();
        try (RedisBroker broker = redis.broker()) {
            broker.crons().put(Cron.of("by-hand", "@yearly", "noop", null));
            try (JarProcess worker = start(address, "a @yearly echo {\"n\": 1}\nb @daily noop zone=Asia/Tokyo\n")) {
                worker.awaitOutput("schedules synchronized");
                assertThat(names(broker)).containsExactly("a", "b", "by-hand");
                redis.client().zadd(redis.key("cron:due"), System.currentTimeMillis(), "a");
                await().atMost(PATIENCE)
                        .until(() -> broker.crons().list().get(0).lastTaskId().isPresent());
                String id = broker.crons().list().get(0).lastTaskId().orElseThrow();
                assertThat(broker.await(id, PATIENCE).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
                worker.terminate();
                assertThat(worker.awaitExit()).isZero();
            }
            try (JarProcess other = start(address, "c @daily noop\n", "CRON_OWNER", "other");
                    JarProcess worker = start(address, "c @daily noop\n", "CRON_OWNER", "other")) {
                other.awaitOutput("schedules synchronized");
                worker.awaitOutput("schedules synchronized");
                assertThat(names(broker)).as("of another owner").containsExactly("a", "b", "by-hand", "c");
            }
            try (JarProcess worker = start(address, "b @daily noop zone=Asia/Tokyo\n")) {
                worker.awaitOutput("schedules synchronized");
                assertThat(names(broker)).containsExactly("b", "by-hand", "c");
            }
        }
    }

    @Test
    void a_redis_that_is_away_is_waited_for() throws Exception {
        RedisProcess away = RedisProcess.start("--appendonly", "no");
        away.kill();
        try (JarProcess worker = start(away.settings().address(), "a @yearly noop\n")) {
            worker.awaitOutput("waiting for Redis");
            away.restart();
            worker.awaitOutput("schedules synchronized");
        } finally {
            away.close();
        }
    }
}
