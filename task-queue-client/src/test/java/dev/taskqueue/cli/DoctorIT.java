package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code client.jar why} and {@code client.jar doctor} as their users run them. */
class DoctorIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private RedisProcess redis;

    @BeforeEach
    void start() {
        redis = RedisProcess.start("--slowlog-log-slower-than", "10000000");
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    private ClientJar.Run run(String... args) {
        return ClientJar.run(
                Map.of("REDIS_ADDR", redis.settings().address(), "QUEUE_NAME", "q", "TASK_ROUTES", "r=routed"), args);
    }

    @Test
    void doctor_has_one_line_and_exit_code_0_where_all_is_well_and_1_where_something_is_wrong() throws Exception {
        ClientJar.Run well = run("doctor");
        assertThat(well.output()).isEqualTo("nothing is wrong with q, routed");
        assertThat(well.exitCode()).isZero();
        assertThat(run("doctor", "--json").output()).isEqualTo("[]");
        try (RedisBroker broker =
                RedisBroker.at(redis.settings()).queue("routed").build()) {
            broker.enqueue(Task.of("r", "secret").withId("a"));
        }
        redis.command("CONFIG", "SET", "appendonly", "no");
        ClientJar.Run wrong = run("doctor");
        assertThat(wrong.exitCode()).isOne();
        assertThat(wrong.output().lines().toList())
                .startsWith("critical  no_workers  routed")
                .contains(
                        "warning  append_only_off",
                        "  appendonly is no.",
                        "  If Redis crashes, all that came since its last snapshot is lost.",
                        "  Set it to yes.");
        JsonNode all = JSON.readTree(run("doctor", "--json").output());
        assertThat(all.size()).isEqualTo(2);
        assertThat(all.get(0).get("code").textValue()).isEqualTo("no_workers");
        assertThat(all.get(0).get("queue").textValue()).isEqualTo("routed");
        assertThat(all.get(1).get("severity").textValue()).isEqualTo("warning");
        assertThat(JSON.readTree(run("doctor", "--json", "--queue", "q").output())
                        .size())
                .isOne();
    }

    @Test
    void why_says_it_in_sentences_or_as_json_and_has_exit_code_1_where_nothing_is_known() throws Exception {
        try (RedisBroker broker =
                RedisBroker.at(redis.settings()).queue("routed").build()) {
            broker.enqueue(Task.of("r", "secret").withId("a"));
        }
        ClientJar.Run why = run("why", "a");
        assertThat(why.exitCode()).isZero();
        assertThat(why.output().lines())
                .contains(
                        "No worker of the queue lives: none has beaten within two leases.",
                        "It is ready, the 1st of 1 in lane normal.");
        JsonNode json = JSON.readTree(run("why", "a", "--json").output());
        assertThat(json.get("id").textValue()).isEqualTo("a");
        assertThat(json.get("queue").textValue()).isEqualTo("routed");
        assertThat(json.get("place").textValue()).isEqualTo("ready_normal");
        assertThat(json.get("reasons").get(0).get("code").textValue()).isEqualTo("no_workers");
        assertThat(json.get("reasons").get(0).get("remedy").textValue()).contains("QUEUE_NAME=routed");
        ClientJar.Run unknown = run("why", "nobody");
        assertThat(unknown.exitCode()).isOne();
        assertThat(unknown.output()).contains("0 entries of the queue: it never existed");
    }

    @Test
    void a_redis_that_is_away_is_one_sentence() {
        redis.kill();
        for (String command : new String[] {"doctor", "why"}) {
            ClientJar.Run away = command.equals("why") ? run("why", "a") : run("doctor");
            assertThat(away.exitCode()).isOne();
            assertThat(away.errors().lines()).singleElement().asString().startsWith("client: ");
            assertThat(away.output()).isEmpty();
        }
    }

    @Test
    void stats_tell_of_age_and_of_what_is_overdue() throws Exception {
        redis.command("LPUSH", "q", "{\"type\":\"t\",\"created_at\":1000}");
        redis.command("ZADD", "q:scheduled", "2000", "{\"type\":\"t\"}");
        JsonNode stats = JSON.readTree(run("stats", "--json", "--queue", "q").output());
        assertThat(stats.get("oldest_ready").textValue()).isEqualTo("1970-01-01T00:00:01Z");
        assertThat(stats.get("next_due").textValue()).isEqualTo("1970-01-01T00:00:02Z");
        assertThat(stats.get("overdue").intValue()).isOne();
    }
}
