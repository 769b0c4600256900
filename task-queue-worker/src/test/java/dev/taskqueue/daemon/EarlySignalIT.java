package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A signal before the worker runs: the process ends as asked, and leaves no Redis behind. */
class EarlySignalIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SLOW_START_ENTRIES = 2_000_000;

    @TempDir
    Path folder;

    private JarProcess embedded() {
        Map<String, String> environment =
                Map.of("REDIS_ADDR", "localhost:" + RedisProcess.freePort(), "METRICS_PORT", "0", "LOG_LEVEL", "INFO");
        return JarProcess.start("worker.jar", environment, "--embedded-redis=" + folder);
    }

    private static List<ProcessHandle> childrenOf(JarProcess worker) {
        return ProcessHandle.of(worker.pid()).stream()
                .flatMap(ProcessHandle::children)
                .toList();
    }

    private static ProcessHandle awaitRedisOf(JarProcess worker) {
        // Of one look: the next may find it gone.
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> childrenOf(worker), children -> !children.isEmpty())
                .get(0);
    }

    /** An append-only file that takes a Redis a while to read. */
    private void makeItStartSlowly() throws IOException {
        Path data = Files.createDirectories(folder.resolve("appendonlydir"));
        StringBuilder entries = new StringBuilder();
        for (int i = 0; i < SLOW_START_ENTRIES; i++) {
            entries.append("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n");
        }
        Files.writeString(data.resolve("appendonly.aof.1.incr.aof"), entries);
        Files.writeString(data.resolve("appendonly.aof.manifest"), "file appendonly.aof.1.incr.aof seq 1 type i\n");
    }

    @Test
    void sigterm_while_the_embedded_redis_starts_ends_both() throws Exception {
        makeItStartSlowly();
        for (String name : Signal.isInterruptIgnored() ? List.of("TERM") : List.of("TERM", "INT")) {
            try (JarProcess worker = embedded()) {
                ProcessHandle server = awaitRedisOf(worker);
                Signal.send(worker.pid(), name);
                assertThat(worker.awaitExit())
                        .as(worker.output() + worker.errors())
                        .isZero();
                assertThat(server.isAlive()).isFalse();
                assertThat(worker.errors()).isEmpty();
                assertThat(worker.output()).doesNotContain("worker started");
            }
        }
    }

    @Test
    void two_signals_while_the_embedded_redis_starts_end_both() throws Exception {
        makeItStartSlowly();
        try (JarProcess worker = embedded()) {
            ProcessHandle server = awaitRedisOf(worker);
            worker.terminate();
            worker.terminate();
            assertThat(worker.awaitExit()).as(worker.output() + worker.errors()).isZero();
            await().atMost(PATIENCE).until(() -> !server.isAlive());
        }
    }

    @Test
    void a_handler_that_exits_ends_the_embedded_redis_too() throws Exception {
        Path jars = Files.createDirectory(folder.resolve("handlers"));
        HandlerJar.write(jars.resolve("exiting.jar"), ExitingHandlers.class);
        String address = "localhost:" + RedisProcess.freePort();
        Map<String, String> environment =
                Map.of("REDIS_ADDR", address, "METRICS_PORT", "0", "HANDLERS_DIR", jars.toString());
        try (JarProcess worker = JarProcess.start("worker.jar", environment, "--embedded-redis=" + folder);
                RedisBroker broker = RedisBroker.at(address)) {
            ProcessHandle server = awaitRedisOf(worker);
            worker.awaitOutput("worker started");
            broker.enqueue("exit", 3);
            assertThat(worker.awaitExit()).isEqualTo(3);
            assertThat(server.isAlive()).isFalse();
        }
    }

    @Test
    void sigterm_ends_the_demo_and_its_redis() throws Exception {
        for (boolean early : new boolean[] {true, false}) {
            try (JarProcess demo = JarProcess.start(
                    "worker.jar", Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder), "--demo")) {
                ProcessHandle server = awaitRedisOf(demo);
                if (!early) {
                    demo.awaitOutput("have come to their end");
                }
                demo.terminate();
                assertThat(demo.awaitExit()).as(demo.output() + demo.errors()).isZero();
                assertThat(server.isAlive()).isFalse();
                try (var left = Files.list(folder)) {
                    assertThat(left.map(Path::getFileName).map(Path::toString))
                            .noneMatch(name -> name.startsWith("task-queue-demo"));
                }
            }
        }
    }

    @Test
    void probes_answer_while_redis_is_away_and_sigterm_ends_it() throws Exception {
        try (RedisProcess frozen = RedisProcess.start()) {
            Signal.send(frozen.pid(), "STOP");
            Map<String, String> environment =
                    Map.of("REDIS_ADDR", frozen.settings().address(), "METRICS_PORT", "0", "LOG_LEVEL", "INFO");
            try (JarProcess worker = JarProcess.start("worker.jar", environment)) {
                worker.awaitOutput("serving /metrics");
                int port = Integer.parseInt(worker.output().replaceAll("(?s).*port=\"(\\d+)\".*", "$1"));
                try (RawHttp client = new RawHttp(port)) {
                    client.awaitAlive();
                    assertThat(client.ask("GET /readyz HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 503 ");
                    assertThat(client.ask("GET /metrics HTTP/1.0\r\n\r\n"))
                            .startsWith("HTTP/1.1 200 ")
                            .contains("jvm_memory_bytes_used")
                            .doesNotContain("go_task_queue_depth{");
                }
                worker.terminate();
                assertThat(worker.awaitExit()).isZero();
            } finally {
                Signal.send(frozen.pid(), "CONT");
            }
        }
    }
}
