package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Priority;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.worker.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The client's jar as its users run it, beside the worker's where tasks have to run. */
class ClientJarIT {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private Map<String, String> environment() {
        return new HashMap<>(ClientJar.environment(redis));
    }

    private static ClientJar.Run run(Map<String, String> environment, String... args) {
        return ClientJar.run(environment, args);
    }

    private ClientJar.Run run(String... args) {
        return ClientJar.run(environment(), args);
    }

    @Test
    void a_queue_is_paused_and_resumed() throws Exception {
        ClientJar.Run run = run("pause", "--for", "10m", "--reason", "migration", "--json");
        assertThat(run.exitCode()).isZero();
        JsonNode paused = new ObjectMapper().readTree(run.output());
        assertThat(paused.get("acknowledged").booleanValue()).isTrue();
        assertThat(paused.get("paused_reason").textValue()).isEqualTo("migration");
        assertThat(run("stats").output()).contains("paused_by").contains("paused_until");
        assertThat(run("resume").output()).isEqualTo(redis.queue() + " resumed");
        assertThat(run("resume").output()).isEqualTo(redis.queue() + " was not paused");
        assertThat(run("stats", "--json").output()).contains("\"paused\":false");
        BrokerEngine.of(broker).session("killed", Duration.ofSeconds(30)).beat();
        ClientJar.Run unacknowledged = run("pause");
        assertThat(unacknowledged.exitCode()).isEqualTo(1);
        assertThat(unacknowledged.output()).contains("killed");
        assertThat(run("pause", "--for", "soon").exitCode()).isEqualTo(2);
    }

    @Test
    void a_secret_in_any_setting_is_never_printed() {
        for (String name : List.of("REDIS_ADDR", "REDIS_USERNAME", "REDIS_DB", "QUEUE_NAME", "REDIS_MODE")) {
            Map<String, String> environment = environment();
            environment.put(name, "redis://:s3cret@host:6379");
            ClientJar.Run run = run(environment, "stats");
            assertThat(run.exitCode()).as(name).isEqualTo(2);
            assertThat(run.errors()).startsWith("client: " + name);
            assertThat(run.output() + run.errors()).doesNotContain("s3cret");
        }
        ClientJar.Run run = run("stats", "--queue", "redis://:s3cret@host:6379");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errors()).startsWith("client: --queue").doesNotContain("s3cret");
    }

    @Test
    void alone_it_enqueues_one_sample_of_each_kind_and_a_worker_runs_them() {
        ClientJar.Run samples = run();
        assertThat(samples.exitCode()).isZero();
        List<String> ids = samples.output()
                .lines()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
        assertThat(ids).hasSize(5);
        Map<String, String> environment = environment();
        environment.putAll(Map.of("METRICS_PORT", "0", "RETRY_BACKOFF_BASE", "10ms"));
        try (JarProcess worker = JarProcess.start("worker.jar", environment)) {
            await().atMost(Duration.ofSeconds(30)).until(() -> broker.stats().unfinished() == 0);
            assertThat(ids.stream().map(id -> broker.status(id).orElseThrow().state()))
                    .containsExactly(
                            TaskState.SUCCEEDED,
                            TaskState.SUCCEEDED,
                            TaskState.DEAD,
                            TaskState.SUCCEEDED,
                            TaskState.DUPLICATE);
            assertThat(worker.isAlive()).isTrue();
        }
        ClientJar.Run status = run("status", ids.get(2));
        assertThat(status.output()).contains("dead").contains("last_error").contains("no luck");
    }

    @Test
    void enqueues_with_every_option() throws Exception {
        Files.writeString(folder.resolve("payload.json"), "{\"n\": 1.10}");
        ClientJar.Run run = run(
                "enqueue",
                "echo",
                "@" + folder.resolve("payload.json"),
                "--id",
                "my-id",
                "--max-retries",
                "7",
                "--idempotency-key",
                "k",
                "--priority",
                "high");
        assertThat(run).isEqualTo(new ClientJar.Run(0, "my-id", ""));
        JsonNode task = new ObjectMapper().readTree(redis.client().lindex(redis.queue(), 0));
        assertThat(task.get("payload").toString()).isEqualTo("{\"n\":1.1}");
        assertThat(task.get("max_retries").intValue()).isEqualTo(7);
        assertThat(task.get("idempotency_key").textValue()).isEqualTo("k");
        assertThat(task.get("priority").textValue()).isEqualTo(Priority.HIGH.wireName());
        JsonNode status =
                new ObjectMapper().readTree(run("status", "my-id", "--json").output());
        assertThat(status.get("state").textValue()).isEqualTo("pending");
    }

    @Test
    void a_task_may_wait_and_its_status_tells_until_when() throws Exception {
        String in = run("enqueue", "noop", "--in", "5m", "--expires-in", "10m").output();
        String at = run("enqueue", "noop", "--at", "2100-01-01T01:00:00+01:00").output();
        assertThat(broker.stats().scheduled()).isEqualTo(2);
        JsonNode status =
                new ObjectMapper().readTree(run("status", at, "--json").output());
        assertThat(status.get("state").textValue()).isEqualTo("scheduled");
        assertThat(status.get("due_at").textValue()).isEqualTo("2100-01-01T00:00:00Z");
        assertThat(run("status", in).output())
                .containsPattern("state +scheduled")
                .containsPattern("due_at +20");
        JsonNode task = new ObjectMapper()
                .readTree(redis.client().zrange(redis.key("scheduled"), 0, 0).get(0));
        assertThat(task.get("id").textValue()).isEqualTo(in);
        assertThat(task.get("expires_at").longValue() - task.get("run_at").longValue())
                .isBetween(299_000L, 301_000L);
        assertThat(run("enqueue", "noop", "--in", "1h", "--count", "3").exitCode())
                .isZero();
        assertThat(broker.stats().scheduled()).isEqualTo(5);
        assertThat(run("enqueue", "noop", "--at", "2020-01-01T00:00:00Z").exitCode())
                .isZero();
        assertThat(broker.stats().normal()).isOne();
    }

    @Test
    void a_unique_task_prints_which_one_stands_and_that_is_no_failure() {
        ClientJar.Run first = run("enqueue", "noop", "--id", "a", "--unique", "k", "--json");
        assertThat(first.exitCode()).isZero();
        assertThat(first.output()).isEqualTo("{\"id\":\"a\",\"accepted\":true}");
        for (String orElse : List.of("reject", "replace")) {
            ClientJar.Run other =
                    run("enqueue", "noop", "--unique", "k", "--until", "end", "--or-else", orElse, "--json");
            assertThat(other.exitCode()).isZero();
            assertThat(other.output()).isEqualTo("{\"id\":\"a\",\"accepted\":false}");
        }
        ClientJar.Run after = run("enqueue", "noop", "--id", "b", "--unique", "k", "--or-else", "run-after", "--json");
        assertThat(after.output()).isEqualTo("{\"id\":\"b\",\"accepted\":true}");
        ClientJar.Run plain = run("enqueue", "noop", "--unique", "k");
        assertThat(plain.exitCode()).isZero();
        assertThat(plain.output()).isEqualTo("a");
        assertThat(plain.errors()).isEqualTo("client: not accepted: task a stands");
        assertThat(run("enqueue", "noop", "--unique", "other", "--until", "start", "--count", "3")
                        .output())
                .isEqualTo("1 tasks enqueued, 2 rejected (key held)");
        assertThat(broker.stats().unfinished()).isEqualTo(3);
    }

    @Test
    void of_a_file_it_counts_what_was_rejected_or_took_anothers_place_apart() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            lines.add("{\"type\":\"noop\",\"payload\":" + i + "}");
        }
        for (int i = 0; i < 11; i++) {
            lines.add("{\"type\":\"noop\",\"unique\":{\"key\":\"k\"}}");
        }
        for (int i = 0; i < 3; i++) {
            lines.add("{\"type\":\"noop\",\"unique\":{\"key\":\"k\",\"or_else\":\"replace\"}}");
        }
        String file = Files.write(folder.resolve("tasks.ndjson"), lines).toString();
        assertThat(run("enqueue", "--from", file).output())
                .isEqualTo("241 tasks enqueued, 10 rejected (key held), 3 took the place of one that waits");
        assertThat(run("enqueue", "--from", file, "--json").output())
                .isEqualTo("{\"enqueued\":240,\"rejected\":11,\"replaced\":3}");
        assertThat(run("enqueue", "noop", "--count", "3", "--unique", "k", "--json")
                        .output())
                .isEqualTo("{\"enqueued\":0,\"rejected\":3,\"replaced\":0}");
        assertThat(broker.stats().unfinished()).isEqualTo(481);
    }

    @Test
    void a_unique_key_that_is_none_is_wrong_use() {
        assertThat(run("enqueue", "noop", "--unique", " ").errors()).startsWith("client: --unique: unique.key is");
        assertThat(run("enqueue", "noop", "--unique", "k", "--until", "never").errors())
                .startsWith("client: --until is \"never\"; allowed is start, end");
        assertThat(run("enqueue", "noop", "--unique", "k", "--or-else", "wait").errors())
                .startsWith("client: --or-else is \"wait\"; allowed is reject, replace, run-after");
        ClientJar.Run alone = run("enqueue", "noop", "--or-else", "reject");
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.errors()).startsWith("--until and --or-else go with --unique KEY");
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void a_time_that_is_none_is_refused_with_a_sentence() {
        String[][] wrong = {
            {"--in", "5x"},
            {"--in", "-5m"},
            {"--in", "999999999999d"},
            {"--expires-in", "soon"},
            {"--at", "tomorrow"},
            {"--at", "2026-12-01T09:00:00"},
            {"--at", "2026-02-30T09:00:00Z"},
            {"--at", "1969-12-31T23:59:59Z"},
            {"--in", "5m", "--at", "2026-12-01T09:00:00Z"},
            {"--in", "5m", "--from", "tasks.ndjson"},
        };
        for (String[] options : wrong) {
            List<String> args = new ArrayList<>(List.of("enqueue"));
            if (options.length < 4 || !options[2].equals("--from")) {
                args.add("noop");
            }
            args.addAll(List.of(options));
            ClientJar.Run run = run(args.toArray(String[]::new));
            assertThat(run.exitCode()).as("%s", args).isEqualTo(2);
            assertThat(run.errors().lines().findFirst().orElse(""))
                    .as("%s", args)
                    .containsPattern("--(in|at|expires-in)\\b|run_at");
            assertThat(run.output()).isEmpty();
        }
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void the_default_number_of_retries_is_for_tasks_that_do_not_say() throws Exception {
        Map<String, String> environment = environment();
        environment.put("DEFAULT_MAX_RETRIES", "5");
        Path file = folder.resolve("tasks.ndjson");
        Files.writeString(file, "{\"type\":\"noop\"}\n{\"type\":\"noop\",\"max_retries\":1}\n");
        assertThat(run(environment, "enqueue", "noop").exitCode()).isZero();
        assertThat(run(environment, "enqueue", "noop", "--max-retries", "0").exitCode())
                .isZero();
        assertThat(run(environment, "enqueue", "--from", file.toString()).exitCode())
                .isZero();
        assertThat(redis.client().lrange(redis.queue(), 0, -1).stream()
                        .map(text -> text.replaceAll(".*\"max_retries\":(\\d+).*", "$1")))
                .containsExactly("1", "5", "0", "5");
    }

    @Test
    void a_payload_goes_into_the_queue_as_it_was_given() {
        String json = "{ \"n\": [1e99999999999, -0.0, 100.00],\"n\":\"\\ud83d\" }";
        assertThat(run("enqueue", "echo", json).exitCode()).isZero();
        assertThat(redis.client().lindex(redis.queue(), 0)).contains("\"payload\":" + json + ",");
        ClientJar.Run deep = run("enqueue", "echo", "[".repeat(501) + "]".repeat(501));
        assertThat(deep.exitCode()).isEqualTo(2);
        assertThat(deep.errors()).contains("payload is too deep").contains("500");
        assertThat(run("enqueue", "echo", "[1}").errors()).startsWith("client: payload is not JSON: ");
        assertThat(broker.stats().normal()).isEqualTo(1);
    }

    @Test
    void shows_a_result_digit_by_digit_and_why_there_is_none() {
        String status = "{\"state\":\"succeeded\",\"type\":\"t\",\"result\":{\"n\":1e99999999999}}";
        redis.client().set(redis.key("task:x"), status);
        assertThat(run("status", "x", "--json").output()).contains("\"result\":{\"n\":1e99999999999}");
        assertThat(run("status", "x").output()).contains("{\"n\":1e99999999999}");
        redis.client().set(redis.key("task:x"), "{\"state\":\"succeeded\",\"result_error\":\"no serializer\"}");
        assertThat(run("status", "x").output()).contains("result_error").contains("no serializer");
        redis.client().set(redis.key("task:x"), "{\"state\":\"succeeded\",\"since\":1e99999999999}");
        assertThat(run("status", "x").errors()).startsWith("client: corrupt status for task x");
    }

    @Test
    void enqueues_many_and_prints_the_depth_of_each_place() throws Exception {
        assertThat(run("enqueue", "noop", "--count", "2500").output()).isEqualTo("2500 tasks enqueued");
        JsonNode stats = new ObjectMapper().readTree(run("stats", "--json").output());
        assertThat(stats.get("ready").longValue()).isEqualTo(2_500);
        assertThat(stats.get("queue").textValue()).isEqualTo(redis.queue());
        assertThat(run("stats").output()).containsPattern("ready +2500").containsPattern("dead +0");
    }

    @Test
    void enqueues_the_tasks_of_a_file_or_none_of_them() throws Exception {
        Path file = folder.resolve("tasks.ndjson");
        Files.writeString(file, "{\"type\":\"noop\"}\n\n{\"type\":\"echo\",\"payload\":[1]}\n".repeat(600));
        assertThat(run("enqueue", "--from", file.toString()).output()).isEqualTo("1200 tasks enqueued");
        assertThat(broker.stats().normal()).isEqualTo(1_200);
        Files.writeString(file, "{\"type\":\"noop\"}\n{\"type\":\n");
        ClientJar.Run bad = run("enqueue", "--from", file.toString());
        assertThat(bad.exitCode()).isEqualTo(2);
        assertThat(bad.errors())
                .startsWith("client: --from: line 2: it is only the beginning of an object")
                .endsWith("nothing was enqueued");
        assertThat(broker.stats().normal()).isEqualTo(1_200);
    }

    @Test
    void a_file_of_pretty_printed_json_is_told_what_is_expected() throws Exception {
        Path file = folder.resolve("tasks.json");
        for (String text :
                List.of("{\n  \"type\": \"noop\"\n}\n", "[\n {\"type\":\"noop\"}\n]\n", "[{\"type\":\"noop\"}]")) {
            Files.writeString(file, text);
            ClientJar.Run run = run("enqueue", "--from", file.toString());
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.errors())
                    .startsWith("client: --from: line 1: ")
                    .contains("one object a line")
                    .endsWith("nothing was enqueued")
                    .hasLineCount(1);
        }
        assertThat(broker.stats().normal()).isZero();
    }

    @Test
    void a_file_that_stops_half_way_goes_on_exactly_where_it_stopped() throws Exception {
        Path file = folder.resolve("tasks.ndjson");
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 1_000; i++) {
            text.append(i % 10 == 0 ? "\n" : "{\"type\":\"noop\",\"payload\":" + i + "}\n");
        }
        Files.writeString(file, text);
        try (RedisProcess small = RedisProcess.start();
                RedisBroker other = RedisBroker.at(small.settings()).build()) {
            Map<String, String> environment =
                    Map.of("REDIS_ADDR", small.settings().address());
            long used = Long.parseLong(
                    RedisProcess.text(small.command("INFO", "memory")).replaceAll("(?s).*used_memory:(\\d+).*", "$1"));
            // Room for some of them.
            small.command("CONFIG", "SET", "maxmemory", Long.toString(used + 300_000));
            ClientJar.Run stopped = run(environment, "enqueue", "--from", file.toString());
            assertThat(stopped.exitCode()).isEqualTo(1);
            Matcher skip = Pattern.compile("client: --from \\S+ stopped: all up to line (\\d+) are enqueued; "
                            + "go on with --skip \\1\\. .*OOM.*")
                    .matcher(stopped.errors());
            assertThat(skip.matches()).as(stopped.errors()).isTrue();
            assertThat(Integer.parseInt(skip.group(1))).isBetween(1, 999);
            small.command("CONFIG", "SET", "maxmemory", "0");
            ClientJar.Run rest = run(environment, "enqueue", "--from", file.toString(), "--skip", skip.group(1));
            assertThat(rest.exitCode()).as(rest.errors()).isZero();
            assertThat(other.stats().normal()).isEqualTo(900);
            assertThat(small.command("LRANGE", "gopher_tasks", "0", "-1"))
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .extracting(raw -> RedisProcess.text(raw).replaceAll(".*\"payload\":(\\d+).*", "$1"))
                    .doesNotHaveDuplicates();
        }
    }

    private Map<String, String> routed() {
        Map<String, String> environment = environment();
        environment.put("TASK_ROUTES", "email:*=" + redis.queue() + "-emails,report:*=" + redis.queue() + "-reports");
        return environment;
    }

    @Test
    void tasks_go_to_queues_by_their_types_and_are_found_there() throws Exception {
        String id = run(routed(), "enqueue", "email:send").output();
        assertThat(run(routed(), "enqueue", "noop").exitCode()).isZero();
        String emails = redis.queue() + "-emails";
        assertThat(broker.queue(emails).status(id)).isPresent();
        assertThat(broker.stats().normal()).isEqualTo(1);
        JsonNode status = new ObjectMapper()
                .readTree(run(routed(), "status", id, "--json").output());
        assertThat(status.get("queue").textValue()).isEqualTo(emails);
        assertThat(run("status", id).exitCode()).isEqualTo(1);
        String known = run("status", id, "--queue", emails, "--json").output();
        assertThat(new ObjectMapper().readTree(known).get("state").textValue()).isEqualTo("pending");
        assertThat(known).doesNotContain("\"queue\"");
        redis.client().lpush(redis.queue() + "-reports", "{\"id\":\"x\",\"type\":\"report:day\"}");
        assertThat(run(routed(), "status", "x", "--json").output())
                .isEqualTo("{\"id\":\"x\",\"queue\":\"" + redis.queue()
                        + "-reports\",\"type\":\"report:day\",\"state\":\"pending\",\"place\":\"ready_normal\"}");
        assertThat(run(routed(), "status", "nobody").errors())
                .contains("not among the 3 entries of the queues " + redis.queue() + ", " + emails + ", ");
    }

    @Test
    void the_queue_that_is_named_counts_and_not_the_routes() {
        String other = redis.queue() + "-other";
        String id = run(routed(), "enqueue", "email:send", "--queue", other).output();
        assertThat(broker.queue(other).status(id)).isPresent();
        assertThat(run(routed(), "enqueue", "email:send", "--count", "3", "--queue", other)
                        .exitCode())
                .isZero();
        assertThat(broker.queue(other).stats().normal()).isEqualTo(4);
        assertThat(broker.queue(redis.queue() + "-emails").stats().normal()).isZero();
    }

    @Test
    void stats_show_each_queue_unless_one_is_named() throws Exception {
        run(routed(), "enqueue", "email:send");
        JsonNode all =
                new ObjectMapper().readTree(run(routed(), "stats", "--json").output());
        assertThat(all.isArray()).isTrue();
        assertThat(all.findValuesAsText("queue"))
                .containsExactly(redis.queue(), redis.queue() + "-emails", redis.queue() + "-reports");
        assertThat(all.findValuesAsText("ready")).containsExactly("0", "1", "0");
        assertThat(run(routed(), "stats").output())
                .containsPattern("(?s)queue +\\S+-emails.*\\R\\Rqueue +\\S+-reports");
        JsonNode one = new ObjectMapper()
                .readTree(run(routed(), "stats", "--json", "--queue", redis.queue() + "-emails")
                        .output());
        assertThat(one.isObject()).isTrue();
        assertThat(one.get("ready").longValue()).isEqualTo(1);
    }

    @Test
    void a_file_of_which_one_queue_refuses_its_lines_tells_which_are_enqueued() throws Exception {
        Path file = folder.resolve("tasks.ndjson");
        Files.writeString(
                file,
                "{\"type\":\"noop\"}\n{\"type\":\"email:send\"}\n{\"type\":\"report:day\"}\n{\"type\":\"noop\"}\n"
                        + "{\"type\":\"email:send\"}\n{\"type\":\"noop\"}\n");
        redis.client().set(redis.queue() + "-emails", "not a list");
        ClientJar.Run stopped = run(routed(), "enqueue", "--from", file.toString());
        assertThat(stopped.exitCode()).isEqualTo(1);
        assertThat(stopped.errors())
                .startsWith("client: --from " + file + " stopped: all up to line 1 are enqueued; of the lines after 1, "
                        + "3 to 4, 6 are enqueued too: take them out of the file, and go on with --skip 1. ")
                .contains("WRONGTYPE")
                .hasLineCount(1);
        assertThat(broker.stats().normal()).isEqualTo(3);
    }

    @Test
    void skip_goes_with_from_and_within_its_lines() throws Exception {
        Path file = folder.resolve("tasks.ndjson");
        Files.writeString(file, "no json\n{\"type\":\"noop\"}\n");
        assertThat(run("enqueue", "--from", file.toString(), "--skip", "1").output())
                .isEqualTo("1 tasks enqueued");
        assertThat(run("enqueue", "--from", file.toString(), "--skip", "3").errors())
                .startsWith("client: --skip is 3; ")
                .contains("has 2 lines");
        assertThat(run("enqueue", "--from", file.toString(), "--skip", "-1").exitCode())
                .isEqualTo(2);
        assertThat(run("enqueue", "noop", "--skip", "1").exitCode()).isEqualTo(2);
        assertThat(broker.stats().normal()).isEqualTo(1);
    }

    @Test
    void tells_where_a_task_waits_that_was_pushed_bare() throws Exception {
        redis.client().lpush(redis.queue(), "{\"id\":\"x\",\"type\":\"noop\"}");
        assertThat(run("status", "x").output())
                .contains("waiting in lane normal")
                .contains("noop");
        assertThat(run("status", "x", "--json").output())
                .isEqualTo("{\"id\":\"x\",\"type\":\"noop\",\"state\":\"pending\",\"place\":\"ready_normal\"}");
        redis.client().zadd(redis.key("scheduled"), 1_700_000_000_000d, "{\"id\":\"y\",\"type\":\"noop\"}");
        assertThat(run("status", "y", "--json").output())
                .isEqualTo("{\"id\":\"y\",\"type\":\"noop\",\"state\":\"scheduled\",\"place\":\"scheduled\","
                        + "\"due_at\":\"2023-11-14T22:13:20Z\"}");
        ClientJar.Run none = run("status", "z");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.errors())
                .isEqualTo(
                        "client: task z has no status, and is not among the 2 entries of the queue: it never existed, or"
                                + " ended and its status has expired");
    }

    @Test
    void tells_that_a_task_waits_for_a_worker_that_knows_its_type() throws Exception {
        try (Worker worker = Worker.of(broker).handler("noop", task -> null).start()) {
            String id = broker.enqueue("nobody's", 1).id();
            await().until(() -> broker.stats().parked() == 1);
            assertThat(run("status", id).output())
                    .contains("pending")
                    .containsPattern("place +waiting for a worker that knows its type");
            assertThat(run("status", id, "--json").output())
                    .contains("\"state\":\"pending\",\"place\":\"parked\",\"attempts\":0");
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void wrong_use_has_exit_code_2_and_an_unreachable_redis_1() {
        assertThat(run("enqueue").exitCode()).isEqualTo(2);
        assertThat(run("enqueue", "t", "{bad").exitCode()).isEqualTo(2);
        assertThat(run("enqueue", "t", "--max-retries", "-1").errors())
                .isEqualTo("client: max_retries is -1; allowed is 0 to 10000");
        assertThat(run("enqueue", "t", "--queue", "a b").exitCode()).isEqualTo(2);
        assertThat(run("nonsense").exitCode()).isEqualTo(2);
        assertThat(run("status", "nobody").exitCode()).isEqualTo(1);
        ClientJar.Run away = run(Map.of("REDIS_ADDR", "localhost:1"), "stats");
        assertThat(away.exitCode()).isEqualTo(1);
        assertThat(away.errors())
                .startsWith("client: stats failed: Redis at localhost:1")
                .doesNotContain("\tat ");
    }
}
