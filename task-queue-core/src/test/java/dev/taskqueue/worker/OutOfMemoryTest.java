package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisFixture;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Handlers that eat up a small heap cost their own tasks alone: in a real JVM, whose threads all feel it. */
class OutOfMemoryTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    /** The worker: ends once the queue is empty, and prints its health. */
    static final class Main {

        static final int NEEDS_RESTART = 3;

        private Main() {}

        /**
         * Takes the heap, and holds it for a while, so that other threads find none: to its last 64 KiB, or in the long runs
         * to its last bytes, where whatever class is first used fails for good.
         */
        private static Object hog(boolean toTheLast) {
            int[] sizes = toTheLast ? new int[] {1 << 20, 1 << 16, 1 << 12, 1 << 8, 0} : new int[] {1 << 20, 1 << 16};
            Object[] held = null;
            OutOfMemoryError last = null;
            for (int size : sizes) {
                try {
                    while (true) {
                        held = new Object[] {held, new byte[size]};
                    }
                } catch (OutOfMemoryError e) {
                    last = e;
                }
            }
            Failures.pause(300_000_000L);
            Reference.reachabilityFence(held);
            throw last;
        }

        private static boolean isDone(RedisBroker broker, Worker worker) {
            try {
                if (!worker.health().isAlive()) {
                    // A class of the JDK or of a library that was first used then: whoever watches /healthz restarts.
                    System.out.println("restart " + worker.health());
                    Runtime.getRuntime().halt(NEEDS_RESTART);
                }
                return broker.stats().unfinished() == 0 && worker.isReady();
            } catch (RuntimeException | Error e) {
                // This thread finds no memory either.
                return false;
            }
        }

        public static void main(String[] args) {
            try (RedisBroker broker = RedisBroker.at(RedisSettings.of(args[0]))
                            .queue(args[1])
                            .build();
                    Worker worker = Worker.of(broker)
                            .concurrency(4)
                            .timings(Timings.DEFAULT.withAdoption(Duration.ofSeconds(1)))
                            .retryPolicy((task, failure) -> Duration.ZERO)
                            .handler("hog", task -> hog(args[2].equals("long")))
                            .handler("fine", task -> null)
                            .build()) {
                // Before a task has taken the heap: a class whose initializer fails for lack of memory can never be
                // used again.
                System.out.println("at first " + worker.health());
                Failures.pause(1);
                worker.start();
                while (!isDone(broker, worker)) {
                    Failures.pause(100_000_000L);
                }
                System.out.println("threads " + worker.health());
            }
        }
    }

    @Test
    void everything_else_runs_and_the_worker_is_ready_afterwards() throws Exception {
        List<String> fine = new ArrayList<>();
        List<String> hogs = new ArrayList<>();
        try (RedisBroker broker = redis.broker()) {
            for (int i = 0; i < 200; i++) {
                fine.add(broker.enqueue("fine", i).id());
                if (i % 20 == 0) {
                    hogs.add(broker.enqueue(Task.of("hog", i).withMaxRetries(1)).id());
                }
            }
            int exit;
            do {
                exit = runWorker();
            } while (exit == Main.NEEDS_RESTART);
            assertThat(exit).isZero();
            assertThat(fine).allMatch(id -> broker.status(id).orElseThrow().state() == TaskState.SUCCEEDED);
            assertThat(hogs).allSatisfy(id -> {
                assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.DEAD);
                assertThat(broker.status(id).orElseThrow().lastError().orElseThrow())
                        .contains("OutOfMemoryError");
            });
        }
    }

    private static String end(Path output) {
        try {
            String text = Files.readString(output);
            return text.substring(Math.max(0, text.length() - 4_000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Runs it to its end, which is that of its tasks, or that only a restart helps. */
    private int runWorker() throws Exception {
        Path output = Files.createTempFile("task-queue", ".log");
        Process process = start(output);
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES))
                    .as(() -> "whether it ended; it said: " + end(output))
                    .isTrue();
            assertThat(Files.readString(output))
                    .containsAnyOf("threads WorkerHealth[notAlive=[], notReady=[], ", "restart WorkerHealth");
            return process.exitValue();
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(output);
        }
    }

    private Process start(Path output) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        redis.settings().host() + ":" + redis.settings().port(),
                        redis.queue(),
                        System.getProperty("chaos", "short"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }
}
