package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code client.jar workers}, {@code quiet} and {@code history} as their users run them. */
class WorkersIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private ClientJar.Run run(String... args) {
        return ClientJar.run(ClientJar.environment(redis), args);
    }

    private static JsonNode json(ClientJar.Run run) throws Exception {
        assertThat(run.exitCode()).as(run.errors()).isZero();
        return new ObjectMapper().readTree(run.output());
    }

    @Test
    void shows_who_works_on_what_makes_it_quiet_and_tells_what_became_of_tasks() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        try (RedisBroker broker = redis.broker();
                Worker worker = Worker.of(broker)
                        .lease(Duration.ofSeconds(2))
                        .concurrency(2)
                        .handler("slow", task -> finish.await(1, TimeUnit.MINUTES))
                        .handler("t", task -> null)
                        .start()) {
            broker.enqueue(Task.of("slow", 1).withId("the-id"));
            broker.enqueue("t", 1);
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> broker.workers().get(0).details().orElseThrow().busy() == 1
                            && !broker.recent(1).isEmpty());
            assertThat(run("workers").output().lines())
                    .hasSize(3)
                    .first()
                    .asString()
                    .containsPattern("WORKER +QUEUE +STATE +BUSY +HELD +BEAT +UP +VERSION +TYPES");
            assertThat(run("workers").output().lines().skip(1))
                    .satisfiesExactly(
                            row -> assertThat(row)
                                    .containsPattern(worker.name() + " +" + redis.queue()
                                            + " +ok +1/2 +1 +\\d+ s ago +\\d+ s +\\S+ +slow,t$"),
                            row -> assertThat(row)
                                    .containsPattern("^    slow  the-id  for \\d+ s  on task-queue-runner-\\d$"));
            JsonNode info = json(run("workers", "--json")).get(0);
            assertThat(info.get("name").textValue()).isEqualTo(worker.name());
            assertThat(info.get("quiet").booleanValue()).isFalse();
            assertThat(info.get("running").get(0).get("id").textValue()).isEqualTo("the-id");

            ClientJar.Run quiet = run("quiet", worker.name(), "nobody");
            assertThat(quiet.output().lines()).containsExactlyInAnyOrder(worker.name() + " quiet", "nobody unknown");
            assertThat(quiet.exitCode()).isOne();
            assertThat(run("workers").output()).contains(" quiet ");
            assertThat(json(run("workers", "--json")).get(0).get("quiet_by").textValue())
                    .contains("@");
            assertThat(json(run("quiet", "--all", "--off", "--json")))
                    .singleElement()
                    .isEqualTo(new ObjectMapper()
                            .createObjectNode()
                            .put("worker", worker.name())
                            .put("found", true)
                            .put("quiet", false));
            assertThat(run("quiet", "--all", "--off", "--json").output()).isEqualTo("[]");
            assertThat(run("quiet", "--all").output()).isEqualTo(worker.name() + " quiet");
            assertThat(run("quiet", worker.name(), "--off").output()).isEqualTo(worker.name() + " claims again");

            assertThat(run("history").output().lines())
                    .hasSize(2)
                    .last()
                    .asString()
                    .containsPattern(redis.queue() + " +t +1 +0 +0 +0 +0 +0$");
            JsonNode minute = json(run("history", "--since", "5m", "--json")).get(0);
            assertThat(minute.get("counts").get("t").get("succeeded").longValue())
                    .isEqualTo(1);
            finish.countDown();
        }
        assertThat(json(run("workers", "--json"))).isEmpty();
    }

    @Test
    void asks_all_queues_of_the_routes_and_shows_what_is_unreadable() throws Exception {
        Map<String, String> environment = new HashMap<>(ClientJar.environment(redis));
        String other = redis.queue() + "-b";
        environment.put("TASK_ROUTES", "b:*=" + other);
        redis.client().zadd(redis.key("workers"), 1, "evil\u001b[31m");
        redis.client().set(redis.key("workers:info:evil\u001b[31m"), "no JSON");
        redis.client().zadd(other + ":workers", System.currentTimeMillis(), "w2");
        ClientJar.Run both = ClientJar.run(environment, "workers");
        assertThat(both.output())
                .contains("evil?[31m")
                .contains("unreadable")
                .contains("w2")
                .doesNotContain("\u001b");
        assertThat(ClientJar.run(environment, "workers", "--queue", other)
                        .output()
                        .lines())
                .hasSize(2);
        assertThat(ClientJar.run(environment, "quiet", "w2").exitCode()).isZero();
        assertThat(redis.client().hget(other + ":quiet", "w2")).contains("since");
    }

    @Test
    void wrong_use_has_exit_code_2_and_a_sentence() {
        assertThat(run("quiet").errors()).startsWith("name workers, or give --all");
        assertThat(run("quiet", "w", "--all").exitCode()).isEqualTo(2);
        for (String since : new String[] {"soon", "0s", "49h"}) {
            ClientJar.Run wrong = run("history", "--since", since);
            assertThat(wrong.exitCode()).isEqualTo(2);
            assertThat(wrong.errors()).startsWith("--since is \"" + since + "\"; it must be a duration");
        }
    }
}
