package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code client.jar bench} as its users run it; apart from the other commands, as it takes as long as all of them. */
class BenchIT {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private ClientJar.Run run(String... args) {
        return ClientJar.run(ClientJar.environment(redis), args);
    }

    @Test
    void counts_what_many_workers_and_tasks_cost_redis() throws Exception {
        ClientJar.Run scale = run(
                "bench",
                "scale",
                "--tasks",
                "200",
                "--processes",
                "2",
                "--idle",
                "3",
                "--seconds",
                "1",
                "--lengths",
                "200",
                "--json",
                "--queue",
                redis.queue());
        assertThat(scale.errors()).doesNotContain("client: ");
        assertThat(scale.exitCode()).isZero();
        JsonNode rows = new ObjectMapper().readTree(scale.output());
        assertThat(rows)
                .extracting(row -> row.get("case").textValue())
                .containsExactly(
                        "drain by 2 processes, a task",
                        "3 idle workers, a second",
                        "200 queued, a task",
                        "200 scheduled, a task due");
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.get("commands").doubleValue()).isPositive();
            assertThat(row.get("cpu_micros").doubleValue()).isPositive();
        });
        assertThat(redis.client().keys(redis.queue() + "*")).isEmpty();
    }

    @Test
    void measures_itself_beside_the_floor_on_an_empty_queue_alone() throws Exception {
        ClientJar.Run bench =
                run("bench", "--tasks", "1000", "--rounds", "1", "--threads", "2", "--json", "--queue", redis.queue());
        assertThat(bench.exitCode()).isZero();
        JsonNode rows = new ObjectMapper().readTree(bench.output());
        assertThat(rows)
                .extracting(row -> row.get("case").textValue())
                .containsExactly(
                        "enqueue, one call a task",
                        "enqueue, 4 threads",
                        "enqueueAsync, 4 threads",
                        "enqueue, batches of 500",
                        "drain, 2 threads",
                        "drain, 2 threads, beside one script a task",
                        "drain, 2 threads, beside scripts over 50",
                        "idle pick-up, 2 threads, p50",
                        "idle pick-up, 2 threads, p99");
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.get("floor").doubleValue()).isPositive();
            assertThat(row.get("ratio").doubleValue())
                    .isEqualTo(row.get("ours").doubleValue() / row.get("floor").doubleValue());
        });
        assertThat(redis.client().keys(redis.queue() + "*")).isEmpty();
        try (RedisBroker broker = redis.broker()) {
            broker.enqueue("noop", null);
            ClientJar.Run refused = run("bench", "--tasks", "1000", "--queue", redis.queue());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.errors()).contains("holds data");
            assertThat(broker.stats().normal()).isEqualTo(1);
        }
    }

    @Test
    void measures_jvms_that_were_just_started() throws Exception {
        ClientJar.Run cold = run(
                "bench",
                "cold",
                "--calls",
                "100",
                "--tasks",
                "200",
                "--rounds",
                "1",
                "--json",
                "--queue",
                redis.queue());
        assertThat(cold.exitCode()).as(cold.errors()).isZero();
        JsonNode rows = new ObjectMapper().readTree(cold.output());
        assertThat(rows)
                .extracting(row -> row.get("case").textValue())
                .containsExactly(
                        "enqueue one by one, calls 1 to 100",
                        "enqueue one by one, calls to 200",
                        "enqueue one by one, CPU",
                        "drain, first 200 tasks",
                        "drain, first 200 tasks, CPU");
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.get("floor").doubleValue()).isPositive();
            assertThat(row.get("ours").doubleValue()).isPositive();
        });
        assertThat(redis.client().keys(redis.queue() + "*")).isEmpty();
        assertThat(run("bench", "cold", "--rounds", "0").exitCode()).isEqualTo(2);
        ClientJar.Run refused = run("bench", "cold", "--tracking", "maybe");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.errors()).startsWith("--tracking is \"maybe\"; it must be on or off");
    }

    @Test
    void takes_a_pick_up_apart() throws Exception {
        ClientJar.Run parts = run(
                "bench",
                "pick-up",
                "--threads",
                "2",
                "--turns",
                "1",
                "--samples",
                "10",
                "--rounds",
                "1",
                "--json",
                "--queue",
                redis.queue());
        assertThat(parts.exitCode()).as(parts.errors()).isZero();
        JsonNode rows = new ObjectMapper().readTree(parts.output());
        assertThat(rows)
                .extracting(row -> row.get("case").textValue().replaceAll(", 2 threads.*p", " p"))
                .containsExactly(
                        "LPUSH to BLMOVE p50",
                        "with status to BLMOVE p50",
                        "enqueue to BLMOVE p50",
                        "LPUSH to worker p50",
                        "with status to worker p50",
                        "enqueue to worker p50",
                        "LPUSH to BLMOVE p99",
                        "with status to BLMOVE p99",
                        "enqueue to BLMOVE p99",
                        "LPUSH to worker p99",
                        "with status to worker p99",
                        "enqueue to worker p99");
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.get("ours").doubleValue()).isPositive());
        assertThat(redis.client().keys(redis.queue() + "*")).isEmpty();
        redis.client().lpush(redis.queue() + "-bare", "another's");
        assertThat(run("bench", "pick-up", "--queue", redis.queue()).errors()).contains("holds data");
        assertThat(redis.client().llen(redis.queue() + "-bare")).isEqualTo(1);
        assertThat(run("bench", "pick-up", "--turns", "0").exitCode()).isEqualTo(2);
    }
}
