package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.testing.RedisFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code client.jar dead} as a person on call runs it. */
class DeadIT {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    @BeforeEach
    void fill() {
        for (int i = 0; i < 120; i++) {
            redis.client()
                    .lpush(
                            redis.key("dead"),
                            "{\"id\":\"m" + i + "\",\"type\":\"mail:send\",\"payload\":{\"n\":1.10},\"retry\":3,"
                                    + "\"reason\":\"retries exhausted\",\"last_error\":\"timed out\",\"died_at\":1000}");
        }
        redis.client()
                .lpush(
                        redis.key("dead"),
                        "{\"id\":\"r\",\"type\":\"report\",\"reason\":\"permanent\",\"last_error\":\"line\\nbreak \\u001b[31m\"}",
                        "garbage");
    }

    private ClientJar.Run run(String... args) {
        return ClientJar.run(ClientJar.environment(redis), ClientJar.after(args, "dead"));
    }

    @Test
    void groups_are_told_as_a_table_or_as_the_api_tells_them() throws Exception {
        ClientJar.Run table = run("groups");
        assertThat(table.exitCode()).isZero();
        assertThat(table.output().lines())
                .hasSize(4)
                .anySatisfy(line -> assertThat(line).containsSubsequence("120", "mail:send", "timed out", "exhausted"));
        assertThat(table.output()).doesNotContain("\u001b");
        JsonNode found = new ObjectMapper().readTree(run("groups", "--json").output());
        assertThat(found.at("/groups/0/count").intValue()).isEqualTo(120);
        assertThat(found.get("searched").intValue()).isEqualTo(122);
        assertThat(found.get("complete").booleanValue()).isTrue();
    }

    @Test
    void lists_and_shows() throws Exception {
        ClientJar.Run list = run("list", "--limit", "3");
        assertThat(list.exitCode()).isZero();
        assertThat(list.output().lines()).hasSize(3);
        // Nothing that anybody wrote into Redis reaches the terminal as a control character.
        assertThat(list.output()).contains("permanent: line break ").doesNotContain("\u001b");
        JsonNode all = new ObjectMapper()
                .readTree(run("list", "--type", "mail:*", "--json").output());
        assertThat(all).hasSize(100);
        assertThat(all.get(0).get("letter").get("id").textValue()).isEqualTo("m119");
        JsonNode shown = new ObjectMapper().readTree(run("show", "r", "--json").output());
        assertThat(shown.get("type").textValue()).isEqualTo("report");
        assertThat(shown.get("task").get("state").textValue()).isEqualTo("dead");
        String raw = new ObjectMapper()
                .readTree(run("list", "--limit", "1", "--json").output())
                .get(0)
                .get("id")
                .textValue();
        assertThat(run("show", raw).output()).contains("not a JSON object", "retryable");
        assertThat(run("show", "nobody").exitCode()).isEqualTo(1);
    }

    @Test
    void retries_by_filter_by_ids_and_all_and_says_what_it_would_do() {
        assertThat(run("retry", "--type", "mail:*", "--dry-run").output())
                .isEqualTo("would be retried: 120 of 120 dead letters");
        assertThat(redis.client().llen(redis.key("dead"))).isEqualTo(122);
        ClientJar.Run some = run("retry", "m5", "nobody", "--json");
        assertThat(some.exitCode()).isEqualTo(1);
        assertThat(some.output()).isEqualTo("{\"retried\":1,\"matched\":1,\"not_tasks\":0,\"dry_run\":false}");
        assertThat(some.errors()).isEqualTo("client: no dead letter nobody");
        assertThat(redis.client().lrange(redis.queue(), 0, -1))
                .singleElement()
                .asString()
                .contains("\"id\":\"m5\"", "{\"n\":1.10}", "\"retry\":0")
                .doesNotContain("reason", "died_at");
        assertThat(run("retry", "--error", "TIMED", "--rate", "1000/s", "--limit", "20")
                        .output())
                .isEqualTo("retried: 20 of 20 dead letters");
        assertThat(run("retry", "--all").output())
                .isEqualTo("retried: 100 of 101 dead letters; 1 are no tasks and stay");
        assertThat(redis.client().llen(redis.key("dead"))).isOne();
        assertThat(redis.client().llen(redis.queue())).isEqualTo(121);
    }

    @Test
    void an_id_that_looks_like_an_option_is_none_behind_two_hyphens() {
        redis.client().lpush(redis.key("dead"), "{\"id\":\"--all\",\"type\":\"t\",\"reason\":\"r\"}");
        assertThat(run("retry", "--json", "--", "--all").output())
                .isEqualTo("{\"retried\":1,\"matched\":1,\"not_tasks\":0,\"dry_run\":false}");
        assertThat(redis.client().llen(redis.key("dead"))).isEqualTo(122);
    }

    @Test
    void deletes_and_exports() throws Exception {
        Path file = folder.resolve("letters.ndjson");
        assertThat(run("export", file.toString()).output()).isEqualTo("122 letters written to " + file);
        assertThat(Files.readAllLines(file)).hasSize(122);
        for (String line : Files.readAllLines(file)) {
            assertThat(new ObjectMapper().readTree(line).isObject()).isTrue();
        }
        ClientJar.Run again = run("export", file.toString());
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.errors()).isEqualTo("client: " + file + " is there already");
        assertThat(run("export", "-", "--type", "report").output()).startsWith("{\"id\":\"r\"");
        assertThat(run("delete", "--reason", "exhausted").output()).isEqualTo("deleted: 120 of 120 dead letters");
        assertThat(run("delete", "--all").output()).isEqualTo("deleted: 2 of 2 dead letters");
        assertThat(redis.client().exists(redis.key("dead"))).isFalse();
        assertThat(run("list", "--json").output()).isEqualTo("[]");
    }

    @Test
    void what_would_touch_everything_wants_to_be_told_so() {
        assertThat(run("delete").exitCode()).isEqualTo(2);
        assertThat(run("retry").errors()).startsWith("Missing: ids, a filter");
        assertThat(run("retry", "m1", "--all").exitCode()).isEqualTo(2);
        assertThat(run("retry", "--all", "--rate", "fast").errors()).startsWith("client: --rate is \"fast\"");
        assertThat(run("list", "--since", "yesterday").errors()).startsWith("client: --since is \"yesterday\"");
        assertThat(run("list", "--limit", "0").errors()).startsWith("client: --limit is 0");
        assertThat(run().exitCode()).isEqualTo(2);
        assertThat(redis.client().llen(redis.key("dead"))).isEqualTo(122);
    }
}
