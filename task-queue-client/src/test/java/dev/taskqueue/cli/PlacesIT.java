package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code client.jar tasks}, {@code purge}, {@code move}, {@code queues} and {@code top} as an operator runs them. */
class PlacesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MANY = 20_000;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private ClientJar.Run run(String... args) {
        return ClientJar.run(ClientJar.environment(redis), args);
    }

    private static JsonNode json(ClientJar.Run run) throws Exception {
        assertThat(run.exitCode()).as(run.errors()).isZero();
        return new ObjectMapper().readTree(run.output());
    }

    private void enqueue(int tasks) {
        for (int from = 0; from < tasks; from += 1_000) {
            broker.enqueueAll(IntStream.range(from, Math.min(from + 1_000, tasks))
                    .mapToObj(
                            i -> Task.of(i % 2 == 0 ? "mail:send" : "report", i).withId("n" + i))
                    .toList());
        }
    }

    private Set<String> ids(String list) {
        Set<String> ids = new HashSet<>();
        redis.client().lrange(list, 0, -1).forEach(raw -> ids.add(raw.replaceAll(".*\"id\":\"(n\\d+)\".*", "$1")));
        return ids;
    }

    @Test
    void lists_place_by_place_as_status_tells_of_one() throws Exception {
        enqueue(4);
        broker.enqueue(Task.of("t", 1).withId("high").withPriority(Priority.HIGH));
        broker.enqueue(Task.of("t", 1).withId("later").in(Duration.ofHours(1)));
        JsonNode all = json(run("tasks", "--json"));
        assertThat(all.findValuesAsText("id")).containsExactly("high", "n0", "n1", "n2", "n3", "later");
        JsonNode one = json(run("status", "n1", "--json"));
        one.fieldNames()
                .forEachRemaining(
                        name -> assertThat(all.get(2).get(name)).as(name).isEqualTo(one.get(name)));
        assertThat(json(run("tasks", "--place", "ready", "--type", "mail:*", "--limit", "1", "--json"))
                        .findValuesAsText("id"))
                .containsExactly("n0");
        assertThat(run("tasks", "--place", "scheduled").output().lines().toList())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("scheduled  later");
        assertThat(json(run("tasks", "--place", "dead", "--json"))).isEmpty();
        assertThat(run("tasks", "--place", "nowhere").exitCode()).isEqualTo(2);
    }

    @Test
    void purges_what_was_asked_for_and_only_tells_when_asked_to() throws Exception {
        enqueue(20);
        assertThat(run("purge", "--type", "mail:*", "--dry-run").output()).isEqualTo("would be purged: 10 of 10 tasks");
        assertThat(broker.stats().ready()).isEqualTo(20);
        assertThat(run("purge", "--type", "mail:*", "--json").output())
                .isEqualTo("{\"purged\":10,\"matched\":10,\"dry_run\":false}");
        assertThat(broker.status("n0").orElseThrow().cancelReason()).contains("purged");
        assertThat(run("purge", "--place", "ready", "--limit", "3", "--rate", "1000/s", "--reason", "old")
                        .output())
                .isEqualTo("purged: 3 of 3 tasks");
        assertThat(broker.status("n1").orElseThrow().cancelReason()).contains("old");
        assertThat(run("purge", "--all").output()).isEqualTo("purged: 7 of 7 tasks");
    }

    @Test
    void what_would_touch_everything_wants_to_be_told_so() {
        enqueue(2);
        for (String[] wrong : List.of(
                new String[] {"purge"},
                new String[] {"move", "--to", "x"},
                new String[] {"purge", "--all", "--type", "x"},
                new String[] {"purge", "--place", "running"},
                new String[] {"purge", "--place", "dead"},
                new String[] {"move", "--to", "x", "--place", "suspects"},
                new String[] {"move", "--to", redis.queue(), "--all"},
                new String[] {"move", "--to", "a b", "--all"},
                new String[] {"move", "--all"},
                new String[] {"purge", "--all", "--reason", "x".repeat(1_001)},
                new String[] {"purge", "--all", "--rate", "fast"},
                new String[] {"purge", "--limit", "0"})) {
            ClientJar.Run run = run(wrong);
            assertThat(run.exitCode()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(run.errors()).isNotBlank();
        }
        assertThat(broker.stats().ready()).isEqualTo(2);
    }

    @Test
    void a_purge_that_is_killed_half_way_has_lost_nothing_that_stays() {
        enqueue(MANY);
        Set<String> all = ids(redis.queue());
        try (JarProcess client = JarProcess.start(
                "client.jar", ClientJar.environment(redis), "purge", "--type", "mail:*", "--rate", "20000/s")) {
            await().atMost(PATIENCE).until(() -> redis.client().llen(redis.queue()) < MANY - 500);
            client.kill();
        }
        Set<String> left = ids(redis.queue());
        assertThat(left.size()).as("left").isBetween(MANY / 2 + 1, MANY - 500);
        for (String id : all) {
            TaskState state = broker.status(id).orElseThrow().state();
            assertThat(state).as(id).isEqualTo(left.contains(id) ? TaskState.PENDING : TaskState.CANCELLED);
            assertThat(left.contains(id) || Integer.parseInt(id.substring(1)) % 2 == 0)
                    .as(id + " was to stay")
                    .isTrue();
        }
        // And goes on where it stopped.
        assertThat(run("purge", "--type", "mail:*").exitCode()).isZero();
        assertThat(ids(redis.queue())).hasSize(MANY / 2);
    }

    @Test
    void a_move_that_is_killed_half_way_leaves_each_task_in_one_of_the_two_queues() {
        enqueue(MANY);
        String to = redis.queue() + "-other";
        try (JarProcess client = JarProcess.start(
                "client.jar", ClientJar.environment(redis), "move", "--all", "--to", to, "--rate", "20000/s")) {
            await().atMost(PATIENCE).until(() -> redis.client().llen(to) > 500);
            client.kill();
        }
        Set<String> here = ids(redis.queue());
        Set<String> there = ids(to);
        assertThat(here).isNotEmpty().doesNotContainAnyElementsOf(there);
        assertThat(redis.client().llen(redis.queue()) + redis.client().llen(to)).isEqualTo(MANY);
        for (String id : there) {
            assertThat(broker.queue(to).status(id)).as(id).isPresent();
        }
        for (String id : here) {
            assertThat(broker.status(id)).as(id).isPresent();
        }
        assertThat(run("move", "--all", "--to", to).exitCode()).isZero();
        List<String> order = redis.client().lrange(to, 0, -1);
        assertThat(order).hasSize(MANY);
        assertThat(order.get(0)).contains("\"n" + (MANY - 1) + "\"");
        assertThat(order.get(MANY - 1)).contains("\"n0\"");
    }

    @Test
    void tells_of_all_queues_in_one_table_and_one_array() throws Exception {
        enqueue(3);
        broker.queue(redis.queue() + "-served").enqueue("t", 1);
        redis.client().set(redis.queue() + "-served:format", "1");
        JsonNode all = json(run("queues", "--json"));
        assertThat(all.findValuesAsText("queue")).contains(redis.queue(), redis.queue() + "-served");
        JsonNode alone = json(run("queues", "--queue", redis.queue(), "--json"));
        JsonNode stats = json(run("stats", "--queue", redis.queue(), "--json"));
        assertThat(alone).hasSize(1);
        stats.fieldNames()
                .forEachRemaining(
                        name -> assertThat(alone.get(0).get(name)).as(name).isEqualTo(stats.get(name)));
        assertThat(alone.get(0).get("threads").intValue()).isZero();
        assertThat(run("queues", "--queue", redis.queue()).output().lines()).hasSize(2);
    }

    @Test
    void top_prints_blocks_where_there_is_no_terminal_and_ends_when_told() throws Exception {
        enqueue(3);
        ClientJar.Run run = run("top", "--queue", redis.queue(), "--interval", "100ms", "--count", "3");
        assertThat(run.exitCode()).isZero();
        assertThat(run.output().split("task-queue  ")).hasSize(4);
        assertThat(run.output()).contains(redis.queue(), "IN/S").doesNotContain("\u001b");
        JsonNode now = json(run("top", "--queue", redis.queue(), "--json"));
        assertThat(now.get("queues").get(0).get("ready").intValue()).isEqualTo(3);
        assertThat(run("top", "--interval", "1").exitCode()).isEqualTo(2);
        assertThat(run("top", "--count", "0").exitCode()).isEqualTo(2);
    }

    @Test
    void each_command_prints_one_json_value() throws Exception {
        assertThat(json(run("enqueue", "t", "--count", "3", "--json")))
                .hasToString("{\"enqueued\":3,\"rejected\":0,\"replaced\":0}");
        assertThat(json(run("resume", "--json")).get("was_paused").booleanValue())
                .isFalse();
        assertThat(new ObjectMapper().readTree(run("cancel", "a", "b", "--json").output()))
                .hasSize(2);
        run("cron", "add", "c", "@yearly", "t");
        assertThat(json(run("cron", "pause", "c", "--json"))).hasToString("{\"name\":\"c\",\"change\":\"paused\"}");
        assertThat(json(run("cron", "run", "c", "--json")).get("task_id").textValue())
                .startsWith("cron:c:");
        assertThat(json(run("cron", "remove", "c", "--json")).get("change").textValue())
                .isEqualTo("removed");
    }

    @Test
    void help_names_the_commands_by_what_they_are_about() {
        ClientJar.Run help = run("--help");
        assertThat(help.output())
                .contains("Tasks:", "Queues:", "Workers and Redis:")
                .doesNotContain("More:");
        assertThat(help.output()).containsPattern("(?m)^  purge +Takes tasks that wait out of the queue");
    }
}
