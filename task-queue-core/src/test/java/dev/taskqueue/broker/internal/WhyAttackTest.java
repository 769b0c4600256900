package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Explanation;
import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Finding;
import dev.taskqueue.Task;
import dev.taskqueue.Unique;
import dev.taskqueue.testing.EvilValues;
import java.util.List;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Whatever stands in Redis, why and doctor answer: within bounds, in one line each, and with nothing of a payload. */
class WhyAttackTest extends BrokerFixture {

    private static void check(Explanation explanation) {
        assertThat(explanation.reasons()).isNotEmpty().allSatisfy(reason -> {
            assertThat(reason.text()).isNotBlank().doesNotContain("secret").doesNotContainPattern("\\p{Cntrl}");
            assertThat(reason.text().length() + reason.remedy().length()).isLessThan(3_000);
        });
    }

    private static void check(List<Finding> findings) {
        assertThat(findings).allSatisfy(finding -> {
            String text = finding.what() + finding.meaning() + finding.todo();
            assertThat(text).doesNotContain("secret").doesNotContainPattern("\\p{Cntrl}");
            assertThat(text.length()).isLessThan(5_000);
        });
    }

    @Test
    void keys_of_wrong_types_are_survived() {
        Task task = Task.of("t", "secret")
                .withId("a")
                .withIdempotencyKey("k")
                .unique(Unique.by("u").orElse(Unique.OrElse.RUN_AFTER));
        for (String suffix : List.of(
                "high",
                "low",
                "scheduled",
                "dead",
                "paused",
                "suspects",
                "workers",
                "silence",
                "waiting",
                "waiting:t",
                "cancelled",
                "cron:broken",
                "trial",
                "quiet",
                "task:a",
                "recoveries:a",
                "idempotency:k",
                "unique:u",
                "processing:w1",
                "worker:w1",
                "format",
                "orphans")) {
            for (String kind : List.of("string", "list", "hash", "zset")) {
                redis.client().keys(redis.queue() + "*").forEach(redis.client()::del);
                session.beat();
                broker.enqueue(task);
                redis.client().lpush(redis.key("processing:w1"), "{\"id\":\"b\",\"type\":\"t\"}");
                redis.client().del(redis.key(suffix));
                switch (kind) {
                    case "string" -> redis.client().set(redis.key(suffix), "x\n");
                    case "list" -> redis.client().lpush(redis.key(suffix), "x\n");
                    case "hash" -> redis.client().hset(redis.key(suffix), "x\n", "y\n");
                    default -> redis.client().zadd(redis.key(suffix), Double.POSITIVE_INFINITY, "x\n");
                }
                for (String id : List.of("a", "b", "nobody")) {
                    check(broker.why(id));
                }
                check(broker.doctor());
                broker.stats();
            }
        }
    }

    @Test
    void evil_entries_and_statuses_are_survived() {
        List<EvilValues.Entry> evil = EvilValues.entries();
        for (EvilValues.Entry entry : evil) {
            redis.client().set(redis.key("task:evil").getBytes(), entry.bytes());
            check(broker.why("evil"));
        }
        for (EvilValues.Entry entry : evil) {
            redis.client().lpush(redis.key("dead").getBytes(), entry.bytes());
            redis.client().lpush(redis.queue().getBytes(), entry.bytes());
            redis.client().zadd(redis.key("scheduled").getBytes(), 1, entry.bytes());
        }
        check(broker.why("evil"));
        check(broker.doctor());
        redis.client().del(redis.queue(), redis.key("scheduled"));
        for (String state :
                List.of("scheduled", "retrying", "running", "succeeded", "dead", "cancelled", "duplicate")) {
            for (String number : List.of("9223372036854775807", "-9223372036854775808", "0", "1e9", "\"x\"")) {
                redis.client()
                        .set(
                                redis.key("task:evil"),
                                "{\"worker\":\"w\\n1\",\"since\":" + number + ",\"state\":\"" + state
                                        + "\",\"type\":\"t\\u0000\",\"attempts\":1,\"run_ms\":" + number
                                        + ",\"delay_ms\":"
                                        + number + ",\"run_at\":" + number + "}");
                check(broker.why("evil"));
            }
        }
        for (String name : EvilValues.strings()) {
            redis.client().hset(redis.key("cron:broken"), name, name);
            redis.client().zadd(redis.key("waiting"), 1, name);
            redis.client().lpush(redis.key("waiting:" + name), "x");
            redis.client().zadd(redis.key("workers"), 1, name);
            redis.client().lpush(redis.key("processing:" + name), "x");
            redis.client().lpush(redis.key("processing:orphan" + name), "x");
            redis.client().hset(redis.key("quiet"), name, name);
            redis.client().set(redis.key("paused"), "{\"since\":9223372036854775807,\"until\":-1,\"by\":7}");
        }
        check(broker.doctor());
        check(broker.why("nobody"));
    }

    @Test
    void ids_with_odd_characters_are_survived_and_quoted_for_a_shell() {
        for (String id : EvilValues.strings()) {
            check(broker.why(id));
        }
        check(broker.why(""));
        check(broker.why("x".repeat(60_000)));
        broker.enqueue(Task.of("t", 1).withId("it's; rm -rf *"));
        session.claim(1);
        broker.why("it's; rm -rf *");
        redis.client().lpush(redis.key("dead"), "{\"id\":\"it's; rm -rf *\",\"type\":\"t\"}");
        redis.client().del(redis.key("processing:w1"), redis.key("task:it's; rm -rf *"));
        assertThat(broker.why("it's; rm -rf *").reasons().get(0).remedy())
                .contains("client.jar dead retry 'it'\\''s; rm -rf *' --queue ");
    }

    @Test
    void an_id_that_looks_like_an_option_is_none_in_a_command_to_be_copied() {
        redis.client().lpush(redis.key("dead"), "{\"id\":\"--all\",\"type\":\"t\"}");
        assertThat(broker.why("--all").reasons().get(0).remedy())
                .contains("client.jar dead show --queue " + redis.queue() + " -- '--all' ")
                .contains("client.jar dead retry --queue " + redis.queue() + " -- '--all' ");
    }

    @Test
    void among_a_hundred_thousand_a_task_is_told_its_position_and_beyond_that_how_far_it_was_looked_for() {
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port());
                Pipeline pipeline = jedis.pipelined()) {
            for (int i = 1; i <= 100_100; i++) {
                pipeline.lpush(redis.queue(), "{\"id\":\"t" + i + "\",\"type\":\"t\",\"payload\":\"secret\"}");
            }
        }
        assertThat(broker.why("t99999").reasons().get(0).text()).contains("the 99,999th of 100,100 in lane normal");
        redis.client().set(redis.key("task:t100100"), "{\"state\":\"pending\",\"type\":\"t\"}");
        Explanation beyond = broker.why("t100100");
        assertThat(beyond.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.code()).isEqualTo(Code.NOT_FOUND);
            assertThat(reason.text()).contains("is not among the first 100,000 of each place: it is further back");
        });
        long before = commands();
        broker.doctor();
        assertThat(commands() - before).isLessThan(300);
    }

    /** With those that scripts call. */
    private long commands() {
        return redis.client()
                .info("commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*calls=(\\d+),.*", "$1")))
                .sum();
    }
}
