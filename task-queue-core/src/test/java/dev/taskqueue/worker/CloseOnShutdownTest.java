package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A worker that is told so drains when its JVM is asked to end. */
class CloseOnShutdownTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    /** Runs a worker until the JVM ends. */
    static final class Main {

        private Main() {}

        public static void main(String[] args) {
            RedisBroker broker =
                    RedisBroker.at(RedisSettings.of(args[0])).queue(args[1]).build();
            Path begun = Path.of(args[2]);
            Worker.of(broker)
                    .consumer("slow", task -> {
                        Files.writeString(begun, "");
                        Thread.sleep(500);
                    })
                    .listener(new WorkerListener() {
                        @Override
                        public void workerClosed(Worker worker) {
                            System.out.println("worker closed, as a listener knows");
                        }
                    })
                    .start()
                    .closeOnShutdown()
                    .closeOnShutdown();
        }
    }

    @Test
    void what_runs_is_finished_and_nothing_is_left() throws Exception {
        Path begun = folder.resolve("begun");
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        redis.settings().address(),
                        redis.queue(),
                        begun.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (RedisBroker broker = redis.broker()) {
            String id = broker.enqueue("slow", null).id();
            await().atMost(Duration.ofMinutes(1)).until(() -> Files.exists(begun));
            process.destroy();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
            assertThat(broker.stats().workers()).isZero();
            assertThat(Files.readString(output)).contains("worker closed, as a listener knows");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void one_that_was_closed_leaves_no_hook_behind() {
        try (RedisBroker broker = redis.broker()) {
            Worker worker =
                    QuickWorkers.of(broker).consumer("t", task -> {}).start().closeOnShutdown();
            worker.close();
            // Closing again, as the hook would, finds nothing to do.
            worker.close();
            assertThat(broker.stats().workers()).isZero();
        }
    }
}
