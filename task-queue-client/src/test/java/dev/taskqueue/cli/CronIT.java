package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.testing.RedisFixture;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code client.jar cron} as its users run it. */
class CronIT {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private ClientJar.Run run(String... args) {
        return ClientJar.run(ClientJar.environment(redis), args);
    }

    /** Without a Redis. */
    private static ClientJar.Run next(String... args) {
        return ClientJar.run(Map.of("REDIS_ADDR", "localhost:1"), ClientJar.after(args, "cron", "next"));
    }

    @Test
    void tells_the_next_fires_of_a_spec_without_a_redis() {
        assertThat(next("30 2 * * *", "-n", "2", "--zone", "Europe/Berlin", "--from", "2026-03-28T12:00:00Z", "--json")
                        .output())
                .isEqualTo("[\"2026-03-29T01:00:00Z\",\"2026-03-30T00:30:00Z\"]");
        assertThat(next("@daily", "--from", "2026-01-01T00:00:00Z").output().lines())
                .hasSize(5)
                .first()
                .isEqualTo("2026-01-02T00:00:00Z");
        assertThat(next("*/5 * * * *", "-n", "1").output()).matches("\\S+:\\d[05]:00Z");
    }

    @Test
    void what_is_no_spec_has_exit_code_2_and_a_sentence() {
        Map<String, String> sentences = Map.of(
                "0 0 31 2 *", "client: spec is \"0 0 31 2 *\", which no date ever fits",
                "1--100000000 * * * *", "client: minute is \"1--100000000\"; allowed are 0 to 59",
                "* * * *", "client: spec is \"* * * *\", of 4 fields; it must have five");
        sentences.forEach((spec, sentence) -> {
            ClientJar.Run run = next(spec);
            assertThat(run.exitCode()).as(spec).isEqualTo(2);
            assertThat(run.errors()).startsWith(sentence).doesNotContain("\tat ");
        });
        assertThat(next("@daily", "--zone", "Mars").errors()).startsWith("client: zone is \"Mars\"");
        assertThat(next("@daily", "--from", "tomorrow").errors()).startsWith("--from is \"tomorrow\"");
        assertThat(next("@daily", "-n", "0").exitCode()).isEqualTo(2);
        assertThat(next("0", "3", "*", "*", "*").exitCode()).isEqualTo(2);
        assertThat(run("cron").exitCode()).isEqualTo(2);
        ClientJar.Run add = run("cron", "add", "n", "0 0 31 2 *", "t");
        assertThat(add.exitCode()).isEqualTo(2);
        assertThat(add.errors()).startsWith("client: spec is \"0 0 31 2 *\"");
        assertThat(run("cron", "add", "n", "@daily", "t", "{bad").exitCode()).isEqualTo(2);
        assertThat(run("cron", "add", "n", "@daily", "t", "--overlap", "x").errors())
                .startsWith("client: overlap is \"x\"; allowed are");
    }

    @Test
    void adds_lists_pauses_resumes_runs_and_removes() throws Exception {
        ClientJar.Run add = run(
                "cron",
                "add",
                "nightly",
                "0 3 * * MON-FRI",
                "echo",
                "{\"n\":1.10}",
                "--zone",
                "Europe/Berlin",
                "--overlap",
                "queue",
                "--catch-up",
                "all",
                "--max-retries",
                "5",
                "--json");
        assertThat(add.exitCode()).isZero();
        assertThat(add.output())
                .startsWith("{\"name\":\"nightly\",\"spec\":\"0 3 * * MON-FRI\",\"zone\":\"Europe/Berlin\","
                        + "\"type\":\"echo\",\"payload\":{\"n\":1.10},\"max_retries\":5,\"overlap\":\"queue\","
                        + "\"catch_up\":\"all\",\"paused\":false,\"next_fire\":\"");
        assertThat(Instant.parse(new ObjectMapper()
                        .readTree(add.output())
                        .get("next_fire")
                        .textValue()))
                .isAfter(Instant.now());
        assertThat(run("cron", "add", "other", "@hourly", "noop").output()).contains("next_fire  ");
        assertThat(run("cron", "list").output().lines())
                .hasSize(3)
                .anyMatch(line -> line.matches("nightly  0 3 \\* \\* MON-FRI  Europe/Berlin  echo  2.*Z"));
        assertThat(run("cron", "pause", "nightly").output()).isEqualTo("nightly paused");
        JsonNode list =
                new ObjectMapper().readTree(run("cron", "list", "--json").output());
        assertThat(list).hasSize(2);
        assertThat(list.get(0).get("paused").booleanValue()).isTrue();
        assertThat(list.get(0).has("next_fire")).isFalse();
        assertThat(run("cron", "list").output()).contains("  paused");
        assertThat(run("cron", "resume", "nightly").output()).isEqualTo("nightly resumed");
        ClientJar.Run now = run("cron", "run", "nightly");
        assertThat(now.output()).matches("cron:nightly:\\d{13}");
        assertThat(run("status", now.output()).output()).contains("pending");
        ClientJar.Run again = run("cron", "run", "nightly");
        assertThat(again.output()).isEqualTo(now.output());
        assertThat(again.errors()).isEqualTo("client: not accepted: task " + now.output() + " has not ended");
        assertThat(run("cron", "remove", "nightly").exitCode()).isZero();
        for (String verb : new String[] {"remove", "pause", "resume", "run"}) {
            ClientJar.Run none = run("cron", verb, "nightly");
            assertThat(none.exitCode()).isEqualTo(1);
            assertThat(none.errors()).isEqualTo("client: queue " + redis.queue() + " has no schedule nightly");
        }
    }
}
