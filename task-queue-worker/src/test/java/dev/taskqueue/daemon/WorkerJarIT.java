package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.QueueStats;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The worker's jar as its users run it: a process, the environment, signals, HTTP. */
class WorkerJarIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    private JarProcess start(String... settings) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "REDIS_ADDR",
                redis.settings().address(),
                "QUEUE_NAME",
                redis.queue(),
                "METRICS_PORT",
                "0",
                "RETRY_BACKOFF_BASE",
                "10ms"));
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        return JarProcess.start("worker.jar", environment);
    }

    private static HttpResponse<String> get(JarProcess worker, String path) throws IOException, InterruptedException {
        Matcher port = Pattern.compile("port=\"(\\d+)\"")
                .matcher(worker.awaitOutput("worker started").output());
        assertThat(port.find()).isTrue();
        URI uri = URI.create("http://localhost:" + port.group(1) + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static double sum(String metrics, String series) {
        return metrics.lines()
                .filter(line -> line.matches(series + ".*"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void ten_thousand_mixed_tasks_end_as_success_or_dead_and_the_counters_agree() throws Exception {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            for (int j = 0; j < 4; j++) {
                tasks.add(Task.of("noop", null));
            }
            for (int j = 0; j < 3; j++) {
                tasks.add(Task.of("echo", Map.of("n", i)).withIdempotencyKey("k" + i + "-" + j));
            }
            tasks.add(Task.of("fail", Map.of("times", 1)));
            tasks.add(Task.of("fail", Map.of("times", 2)));
            tasks.add(Task.of("fail", Map.of()).withMaxRetries(1));
        }
        Collections.shuffle(tasks, new Random(7));
        try (RedisBroker broker = redis.broker();
                JarProcess worker = start("WORKER_CONCURRENCY", "10", "LOG_LEVEL", "INFO")) {
            broker.enqueueAll(tasks);
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(broker.stats().dead()).isEqualTo(1_000);
            String metrics = get(worker, "/metrics").body();
            assertThat(sum(metrics, "go_task_queue_tasks_processed_total\\{.*status=\"success\""))
                    .isEqualTo(9_000);
            assertThat(sum(metrics, "go_task_queue_dead_total")).isEqualTo(1_000);
            assertThat(sum(metrics, "go_task_queue_retries_total")).isEqualTo(4_000);
            assertThat(sum(metrics, "go_task_queue_tasks_processed_total\\{.*status=\"fail\""))
                    .isEqualTo(5_000);
            assertThat(sum(metrics, "go_task_queue_task_duration_seconds_count"))
                    .isEqualTo(14_000);
            assertThat(sum(metrics, "go_task_queue_depth\\{.*place=\"dead\"")).isEqualTo(1_000);
            assertThat(sum(metrics, "go_task_queue_tasks_in_flight")).isZero();
            assertThat(metrics).contains("jvm_memory_bytes_used").doesNotContain("gson");
            worker.terminate();
            assertThat(worker.awaitExit()).isZero();
        }
        assertThat(redis.client().keys(redis.queue() + "*").stream()
                        .filter(key -> !key.contains(":task:")
                                && !key.contains(":idempotency:")
                                && !key.contains(":history:")))
                .contains(redis.key("dead"))
                // What the queue keeps of itself, whatever its tasks are.
                .isSubsetOf(
                        redis.key("dead"),
                        redis.key("format"),
                        redis.key("orphans"),
                        redis.key("statuses"),
                        redis.key("recent"));
    }

    @Test
    void one_worker_serves_several_queues_and_tells_of_each() throws Exception {
        String critical = redis.queue() + "-critical";
        String reports = redis.queue() + "-reports";
        String queues = critical + ":6," + reports + ":1/2";
        try (RedisBroker broker = redis.broker();
                JarProcess worker = start("WORKER_QUEUES", queues, "WORKER_CONCURRENCY", "4")) {
            for (int i = 0; i < 20; i++) {
                broker.queue(reports).enqueue("sleep", Map.of("ms", 60_000));
            }
            for (int i = 0; i < 500; i++) {
                broker.queue(critical).enqueue("noop", i);
            }
            await().atMost(PATIENCE)
                    .until(() -> broker.queue(critical).stats().unfinished() == 0
                            && broker.queue(reports).stats().processing() == 2);
            HttpResponse<String> ready = get(worker, "/readyz");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).isEqualTo("ready\nqueue " + critical + ": ready\nqueue " + reports + ": ready\n");
            String metrics = get(worker, "/metrics").body();
            assertThat(sum(metrics, "go_task_queue_tasks_in_flight\\{queue=\"" + reports + "\""))
                    .isEqualTo(2);
            assertThat(sum(metrics, "go_task_queue_tasks_processed_total\\{type=\"noop\",status=\"success\",\\}"))
                    .isEqualTo(500);
            worker.terminate();
            worker.terminate();
            assertThat(worker.awaitExit()).isZero();
            assertThat(broker.queue(reports).stats().ready()).isEqualTo(20);
        }
    }

    @Test
    void sigterm_loses_nothing_and_runs_nothing_twice() throws Exception {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            tasks.add(Task.of("sleep", Map.of("ms", 100)));
        }
        try (RedisBroker broker = redis.broker()) {
            broker.enqueueAll(tasks);
            try (JarProcess worker = start("WORKER_CONCURRENCY", "10")) {
                await().atMost(PATIENCE).until(() -> broker.stats().ready() < 150);
                worker.terminate();
                assertThat(worker.awaitExit()).isZero();
            }
            QueueStats stats = broker.stats();
            long done = count(broker, tasks, TaskState.SUCCEEDED);
            assertThat(done).isBetween(50L, 199L);
            assertThat(stats.ready()).isEqualTo(200 - done);
            assertThat(stats.processing() + stats.scheduled() + stats.dead() + stats.workers())
                    .isZero();
            try (JarProcess worker = start("WORKER_CONCURRENCY", "10")) {
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
                String metrics = get(worker, "/metrics").body();
                assertThat(sum(metrics, "go_task_queue_tasks_processed_total")).isEqualTo(200 - done);
            }
            assertThat(count(broker, tasks, TaskState.SUCCEEDED)).isEqualTo(200);
            assertThat(tasks)
                    .allMatch(task -> broker.status(task.id()).orElseThrow().attempts() == 1);
        }
    }

    @Test
    void a_second_sigterm_puts_the_unfinished_back_at_once() throws Exception {
        try (RedisBroker broker = redis.broker();
                JarProcess worker = start("WORKER_CONCURRENCY", "5")) {
            for (int i = 0; i < 5; i++) {
                broker.enqueue("sleep", Map.of("ms", 600_000));
            }
            broker.enqueue("noop", null);
            await().atMost(PATIENCE).until(() -> broker.stats().processing() == 5);
            assertThat(get(worker, "/readyz").statusCode()).isEqualTo(200);
            worker.terminate();
            worker.awaitOutput("claiming nothing more");
            assertThat(get(worker, "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(worker, "/healthz").statusCode()).isEqualTo(200);
            worker.terminate();
            assertThat(worker.awaitExit()).isZero();
            assertThat(broker.stats().normal()).isEqualTo(6);
            assertThat(broker.stats().processing()).isZero();
            // At the consuming end: the one that came last is still the last.
            assertThat(redis.client().lindex(redis.queue(), 0)).contains("noop");
        }
    }

    @Test
    void a_password_that_redis_refuses_ends_it_with_one_sentence_and_is_never_printed() {
        for (String[] setting : new String[][] {
            {"REDIS_PASSWORD", "hunter2", "REDIS_USERNAME", "nobody"},
            {"REDIS_URL", "redis://nobody:hunter2@" + redis.settings().address()}
        }) {
            try (JarProcess worker = start(setting)) {
                assertThat(worker.awaitExit()).isEqualTo(2);
                assertThat(worker.errors().strip())
                        .isEqualTo(
                                "worker: Redis at " + redis.settings().address()
                                        + " rejects the user or the password (WRONGPASS); check REDIS_USERNAME and REDIS_PASSWORD");
                assertThat(worker.output()).contains(setting[0] + "=\"(set)\"");
                assertThat(worker.output() + worker.errors()).doesNotContain("hunter2");
            }
        }
    }

    @Test
    void it_waits_for_a_redis_that_is_away_and_says_so_once() throws Exception {
        try (JarProcess worker = start("REDIS_ADDR", "localhost:1")) {
            worker.awaitOutput("waiting for Redis");
            await().during(Duration.ofSeconds(2)).until(worker::isAlive);
            assertThat(worker.output().split("waiting for Redis", -1)).hasSize(2);
            worker.terminate();
            assertThat(worker.awaitExit()).isZero();
        }
    }

    @Test
    void logs_as_json_with_the_task_in_the_context() {
        try (RedisBroker broker = redis.broker();
                JarProcess worker = start("LOG_FORMAT", "json")) {
            String id = broker.enqueue("fail", null).id();
            worker.awaitOutput("\"task_id\":\"" + id + "\"");
            assertThat(worker.output().lines()).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
        }
    }

    @Test
    void handlers_come_from_jars_in_a_folder() throws Exception {
        HandlerJar.write(folder.resolve("mine.jar"), ExternalHandlers.class);
        try (RedisBroker broker = redis.broker();
                JarProcess worker = start("HANDLERS_DIR", folder.toString(), "SAMPLE_HANDLERS", "false")) {
            worker.awaitOutput("handlers=\"[shout]\"");
            String id = broker.enqueue("shout", "hello").id();
            await().atMost(PATIENCE).until(() -> broker.status(id).orElseThrow().state() == TaskState.SUCCEEDED);
            assertThat(broker.status(id).orElseThrow().result()).contains("\"HELLO\"");
        }
    }

    @Test
    void handlers_from_jars_find_what_lies_in_their_jars_by_the_context_class_loader() throws Exception {
        HandlerJar.write(folder.resolve("mine.jar"), ContextHandlers.class);
        try (RedisBroker broker = redis.broker();
                JarProcess worker = start("HANDLERS_DIR", folder.toString())) {
            String id = broker.enqueue("look-around", null).id();
            String sample = broker.enqueue("noop", null).id();
            await().atMost(PATIENCE).until(() -> broker.status(id).orElseThrow().state() == TaskState.SUCCEEDED);
            await().atMost(PATIENCE)
                    .until(() -> broker.status(sample).orElseThrow().state() == TaskState.SUCCEEDED);
            assertThat(broker.status(id).orElseThrow().result())
                    .as(worker.output())
                    .hasValueSatisfying(
                            result -> assertThat(result).contains("\"made\":true", "\"asked\":true", "\"run\":true"));
        }
    }

    @Test
    void handlers_that_cannot_be_had_end_it_with_one_sentence_and_exit_code_2() throws Exception {
        HandlerJar.write(folder.resolve("mine.jar"), BrokenHandlers.class);
        try (JarProcess worker = start("HANDLERS_DIR", folder.toString())) {
            assertThat(worker.awaitExit()).isEqualTo(2);
            assertThat(worker.errors().strip())
                    .isEqualTo("worker: HANDLERS_DIR: the handlers of dev.taskqueue.daemon.BrokenHandlers in mine.jar"
                            + " cannot be had:"
                            + " java.lang.IllegalStateException: no database");
        }
    }

    @Test
    void an_embedded_redis_keeps_its_data_over_a_restart() {
        int port = RedisProcess.freePort();
        Map<String, String> environment = Map.of(
                "REDIS_ADDR",
                "localhost:" + port,
                "REDIS_PASSWORD",
                "s3 \"cret",
                "METRICS_PORT",
                "0",
                "LOG_LEVEL",
                "INFO");
        String data = "--embedded-redis=" + folder.resolve("data");
        Task task = Task.of("sleep", Map.of("ms", 100));
        try (JarProcess worker = JarProcess.start("worker.jar", environment, data)) {
            worker.awaitOutput("worker started").terminate();
            assertThat(worker.awaitExit()).isZero();
        }
        try (JarProcess worker = JarProcess.start("worker.jar", environment, data);
                RedisBroker broker = RedisBroker.at(RedisSettings.at("localhost:" + port)
                                .password("s3 \"cret")
                                .build())
                        .build()) {
            worker.awaitOutput("worker started");
            broker.enqueue(task.withId("first"));
            broker.enqueue(Task.of("sleep", Map.of("ms", 600_000)).withId("long"));
            await().atMost(PATIENCE)
                    .until(() -> broker.status("first").orElseThrow().state() == TaskState.SUCCEEDED);
            worker.terminate();
            worker.awaitOutput("claiming nothing more");
            worker.terminate();
            assertThat(worker.awaitExit()).isZero();
        }
        try (JarProcess worker = JarProcess.start("worker.jar", environment, data);
                RedisBroker broker = RedisBroker.at(RedisSettings.at("localhost:" + port)
                                .password("s3 \"cret")
                                .build())
                        .build()) {
            worker.awaitOutput("worker started");
            assertThat(broker.status("first").orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
            await().atMost(PATIENCE)
                    .until(() -> broker.status("long").orElseThrow().state() == TaskState.RUNNING);
            worker.terminate();
            worker.awaitOutput("claiming nothing more");
            worker.terminate();
            assertThat(worker.awaitExit()).isZero();
        }
    }

    @Test
    void the_demo_runs_and_ends_by_itself() {
        try (JarProcess worker = JarProcess.start("worker.jar", Map.of(), "--demo")) {
            assertThat(worker.awaitExit()).isZero();
            assertThat(worker.output()).containsPattern("all +74 +67 +9 +3 +4");
            assertThat(worker.errors()).isEmpty();
        }
    }

    private static long count(RedisBroker broker, List<Task> tasks, TaskState state) {
        return tasks.stream()
                .filter(task -> broker.status(task.id()).orElseThrow().state() == state)
                .count();
    }
}
