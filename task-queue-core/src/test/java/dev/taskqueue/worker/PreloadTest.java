package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cron;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Once a worker has started and a second has passed, no class of ours is initialized any more, whatever becomes of its tasks. */
class PreloadTest {

    private static final String STARTED = "tasks may come";

    private static final List<String> SLOW =
            List.of("com.fasterxml.jackson.databind.json.JsonMapper ", "redis.clients.jedis.UnifiedJedis ");

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private static boolean isPreloading() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("task-queue-preload-"));
    }

    /** Runs tasks of every outcome, and ends. */
    static final class Main {

        private Main() {}

        public static void main(String[] args) {
            RedisSettings settings = RedisSettings.of(args[0]);
            try (RedisBroker broker = RedisBroker.at(settings).queue(args[1]).build();
                    Worker worker = Worker.of(broker)
                            .retryPolicy((task, failure) -> Duration.ZERO)
                            .unknownTypeGrace(Duration.ofSeconds(1))
                            .handler("fine", task -> task.payload())
                            .handler("fails", task -> {
                                throw new IllegalStateException("at first");
                            })
                            .handler("dies", task -> {
                                throw new PermanentFailureException("for good");
                            })
                            .build()) {
                worker.start();
                while (isPreloading()) {
                    Failures.pause(10_000_000L);
                }
                System.out.println(STARTED);
                while (broker.stats().dead() < 2 || broker.stats().unfinished() > 0) {
                    Failures.pause(10_000_000L);
                }
            }
        }
    }

    /** Runs one task, and ends a while after it, as soon as everything is loaded. */
    static final class FirstTask {

        private FirstTask() {}

        public static void main(String[] args) throws InterruptedException {
            CountDownLatch ran = new CountDownLatch(1);
            try (RedisBroker broker = RedisBroker.at(RedisSettings.of(args[0]))
                            .queue(args[1])
                            .build();
                    Worker worker = Worker.of(broker)
                            .handler("first", task -> {
                                System.out.println(STARTED);
                                ran.countDown();
                                return null;
                            })
                            .build()) {
                worker.start();
                ran.await();
                while (isPreloading()) {
                    Failures.pause(10_000_000L);
                }
            }
        }
    }

    private Process start(Class<?> main, String log, Path output) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xlog:" + log + ":stdout:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        redis.settings().host() + ":" + redis.settings().port(),
                        redis.queue())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** What takes long to load, and most tasks do without, comes after the first: it was most of the time until then. */
    @Test
    void the_first_task_waits_for_nothing_that_it_does_not_need() throws Exception {
        Path output = Files.createTempFile("task-queue", ".log");
        try (RedisBroker broker = redis.broker()) {
            broker.enqueue("first", 1);
            Process process = start(FirstTask.class, "class+load", output);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        }
        List<String> lines = Files.readAllLines(output);
        Files.delete(output);
        int first = indexOf(lines, STARTED);
        assertThat(lines.subList(0, first)).noneMatch(line -> SLOW.stream().anyMatch(line::startsWith));
        assertThat(lines.subList(first, lines.size()))
                .as("so that their names are right")
                .anyMatch(line -> line.startsWith(SLOW.get(0)));
    }

    @Test
    void no_class_is_initialized_late() throws Exception {
        Path output = Files.createTempFile("task-queue", ".log");
        Process process = start(Main.class, "class+init=info", output);
        try (RedisBroker broker = redis.broker()) {
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> indexOf(Files.readAllLines(output), STARTED) >= 0 || !process.isAlive());
            broker.crons().put(Cron.of("c", "@yearly", "fine", 0));
            redis.client().zadd(redis.key("cron:due"), System.currentTimeMillis(), "c");
            await().until(() -> broker.crons().list().get(0).lastTaskId().isPresent());
            Task keyed = Task.of("fine", 1).withIdempotencyKey("k");
            broker.enqueue(keyed);
            broker.enqueue(Task.of("fine", 2).withIdempotencyKey("k"));
            broker.enqueue(Task.of("fails", 3).withMaxRetries(1));
            broker.enqueue(Task.of("dies", 4));
            broker.enqueue(Task.of("nobody handles this", 5).withMaxRetries(0));
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            List<String> lines = Files.readAllLines(output);
            int preloaded = indexOf(lines, "Initializing 'dev/taskqueue/worker/Preload'");
            assertThat(preloaded).isPositive();
            assertThat(lines.subList(indexOf(lines, STARTED), lines.size()))
                    .filteredOn(line -> line.contains("Initializing 'dev/taskqueue/") && !line.contains("(no method)"))
                    .isEmpty();
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(output);
        }
    }

    private static int indexOf(List<String> lines, String text) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i;
            }
        }
        return -1;
    }
}
