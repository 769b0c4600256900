package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.Finding;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.TestCluster;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the page looks at each second is true, also where a part of it cannot be known. */
class LiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private static JsonNode queue(JsonNode live, String name) {
        for (JsonNode queue : live.get("queues")) {
            if (queue.get("queue").textValue().equals(name)) {
                return queue;
            }
        }
        throw new AssertionError(name + " is not among " + live);
    }

    @Test
    void queues_what_is_wrong_and_when_are_told_in_one_answer() {
        try (RedisBroker broker = redis.brokerBuilder()
                        .route("mail:*", redis.queue() + "-mail")
                        .build();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            Instant before = Instant.now();
            broker.enqueue("t", 1);
            redis.client().set(redis.key("paused"), "{\"by\":\"ada\",\"reason\":\"migration\",\"since\":1000}");
            JsonNode live = server.get("/api/live").json();
            assertThat(live.get("queues")).hasSize(2);
            assertThat(queue(live, redis.queue()).get("ready").intValue()).isOne();
            assertThat(queue(live, redis.queue()).get("paused_reason").textValue())
                    .isEqualTo("migration");
            assertThat(queue(live, redis.queue() + "-mail").get("ready").intValue())
                    .isZero();
            assertThat(live.get("threads").intValue()).isZero();
            assertThat(live.get("findings"))
                    .anySatisfy(
                            finding -> assertThat(finding.get("queue").asText()).isEqualTo(redis.queue()));
            assertThat(live.get("wrong").isBoolean()).isTrue();
            assertThat(Instant.parse(live.get("at").textValue())).isBetween(before, Instant.now());
            assertThat(Instant.parse(live.get("checked_at").textValue())).isBetween(before, Instant.now());
        }
    }

    @Test
    void what_one_does_here_is_seen_at_once() {
        try (RedisBroker broker = redis.broker();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker).sharingClock(() -> 0))) {
            assertThat(queue(server.get("/api/live").json(), redis.queue())
                            .get("paused")
                            .booleanValue())
                    .isFalse();
            server.post("/api/queues/" + redis.queue() + "/pause", "");
            assertThat(queue(server.get("/api/live").json(), redis.queue())
                            .get("paused")
                            .booleanValue())
                    .isTrue();
            assertThat(server.get("/api/tasks").json().get("tasks")).isEmpty();
            server.post("/api/tasks", "{\"type\":\"t\"}");
            assertThat(server.get("/api/tasks").json().get("tasks")).hasSize(1);
            // What another program does is seen when the second is over, and here the clock stands.
            broker.enqueue("t", 1);
            assertThat(server.get("/api/tasks").json().get("tasks")).hasSize(1);
        }
    }

    @Test
    void a_worker_of_two_queues_has_its_threads_once_a_quiet_one_has_them_and_a_silent_one_has_none() {
        String mail = redis.queue() + "-mail";
        try (RedisBroker broker = redis.brokerBuilder().route("mail:*", mail).build();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            Worker worker = Worker.of(broker)
                    .queue(redis.queue())
                    .queue(mail)
                    .concurrency(3)
                    .handler("t", task -> null)
                    .start();
            try {
                await().atMost(PATIENCE).untilAsserted(() -> {
                    JsonNode live = server.get("/api/live").json();
                    assertThat(queue(live, redis.queue()).get("threads").intValue())
                            .isEqualTo(3);
                    assertThat(queue(live, mail).get("threads").intValue()).isEqualTo(3);
                    assertThat(live.get("threads").intValue()).isEqualTo(3);
                });
                // One that was killed long ago, of which what it said has not been removed yet.
                redis.client()
                        .set(
                                redis.key("workers:info:ghost"),
                                redis.client().get(redis.key("workers:info:" + worker.name())));
                redis.client().zadd(redis.key("workers"), 1, "ghost");
                assertThat(server.post("/api/workers/" + worker.name() + "/quiet", "")
                                .status())
                        .isEqualTo(200);
                // How long a lease is, is known once the workers have been looked after.
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(
                                        server.get("/api/workers").json().get("workers"))
                                .anySatisfy(
                                        each -> assertThat(each.get("silent").booleanValue())
                                                .isTrue())
                                .anySatisfy(each -> assertThat(each.get("quiet").booleanValue())
                                        .isTrue())
                                .allSatisfy(
                                        each -> assertThat(each.get("threads").intValue())
                                                .isEqualTo(3)));
                JsonNode live = server.get("/api/live").json();
                assertThat(live.get("threads").intValue()).isEqualTo(3);
                assertThat(queue(live, redis.queue()).get("threads").intValue()).isEqualTo(3);
            } finally {
                worker.close();
            }
        }
    }

    @Test
    void while_redis_is_away_it_is_a_problem_and_afterwards_it_is_not() {
        try (RedisProcess process = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(process.settings()).build();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            assertThat(server.get("/api/live").status()).isEqualTo(200);
            process.kill();
            await().atMost(PATIENCE).until(() -> server.get("/api/live").status() == 503);
            TestDashboard.Answer away = server.get("/api/live");
            assertThat(away.header("Content-Type")).isEqualTo(Problem.MEDIA_TYPE);
            assertThat(away.json().get("detail").textValue()).contains("Redis");
            assertThat(server.get("/api/dead/groups").status()).isEqualTo(503);
            assertThat(server.post("/api/tasks/x/run", "").status()).isEqualTo(503);
            process.restart();
            await().atMost(PATIENCE).until(() -> server.get("/api/live").status() == 200);
        }
    }

    @Test
    void in_a_cluster_a_queue_whose_node_hangs_says_so_and_the_others_are_told() {
        try (TestCluster cluster = TestCluster.start()) {
            // In slots of two nodes.
            String other = "a";
            while (cluster.slot("{" + other + "}") % 3 == cluster.slot("{q}") % 3) {
                other += "a";
            }
            try (RedisBroker broker = RedisBroker.at(RedisSettings.at(cluster.addresses())
                                    .cluster()
                                    .timeouts(Duration.ofMillis(500), Duration.ofMillis(500))
                                    .build())
                            .queue("q")
                            .route("x", other)
                            .build();
                    TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
                broker.enqueue("t", 1);
                String away = other;
                cluster.whileHanging("{" + other + "}", () -> {
                    TestDashboard.Answer answer = server.get("/api/live");
                    assertThat(answer.status()).isEqualTo(200);
                    JsonNode live = answer.json();
                    assertThat(queue(live, "q").get("ready").intValue()).isOne();
                    assertThat(queue(live, "q").has("error")).isFalse();
                    assertThat(queue(live, away).get("error").textValue()).isNotBlank();
                    assertThat(live.get("findings"))
                            .anySatisfy(
                                    finding -> assertThat(finding.get("code").textValue())
                                            .isEqualTo(Finding.Code.QUEUE_UNREADABLE.wireName()));
                });
            }
        }
    }
}
