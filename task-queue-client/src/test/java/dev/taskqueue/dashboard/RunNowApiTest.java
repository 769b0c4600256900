package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.LogCapture;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A scheduled task runs before its time because somebody who may has said so. */
class RunNowApiTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() {
        broker = redis.brokerBuilder().route("mail:*", redis.queue() + "-mail").build();
        server = TestDashboard.serve(TestDashboard.withTokens(Dashboard.of(broker)));
    }

    @AfterEach
    void close() {
        server.close();
        broker.close();
    }

    private TestDashboard.Answer run(String id) {
        return server.post("/api/tasks/" + id + "/run", "", TestDashboard.token(TestDashboard.OPERATOR));
    }

    private void later(String type, String id) {
        broker.enqueue(Task.of(type, 1).withId(id).in(Duration.ofHours(1)));
    }

    @Test
    void it_is_ready_at_once_in_its_own_queue() {
        later("mail:x", "a/b");
        TestDashboard.Answer answer = run("a%2Fb");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().toString())
                .isEqualTo("{\"id\":\"a/b\",\"ready\":true,\"queue\":\"" + redis.queue() + "-mail\"}");
        assertThat(redis.client().llen(redis.queue() + "-mail")).isOne();
        assertThat(broker.status("a/b").orElseThrow().state()).isEqualTo(TaskState.PENDING);
        assertThat(run("a%2Fb").json().get("ready").booleanValue())
                .as("a second time")
                .isFalse();
        assertThat(redis.client().llen(redis.queue() + "-mail")).isOne();
    }

    @Test
    void a_viewer_may_not_and_neither_may_anybody_on_a_read_only_dashboard() {
        later("t", "later");
        String path = "/api/tasks/later/run";
        assertThat(server.post(path, "").status()).isEqualTo(401);
        assertThat(server.post(path, "", TestDashboard.token(TestDashboard.VIEWER))
                        .status())
                .isEqualTo(403);
        try (TestDashboard readOnly = TestDashboard.serve(Dashboard.of(broker).readOnly(true))) {
            assertThat(readOnly.post(path, "").status()).isEqualTo(403);
        }
        assertThat(broker.stats().scheduled()).isOne();
    }

    @Test
    void it_is_written_down_who_did_it_and_whether_it_was_done() {
        later("t", "later");
        try (LogCapture log = new LogCapture("dev.taskqueue.audit")) {
            run("later");
            run("nobody");
            assertThat(log.messages(""))
                    .hasSize(2)
                    .first()
                    .asString()
                    .contains("operator", "POST /api/tasks/{id}/run", "id=later", "ready=true", "200");
            assertThat(log.messages("").get(1)).contains("id=nobody", "404");
        }
    }

    @Test
    void what_is_nowhere_is_told_so_and_what_is_elsewhere_stays_there() {
        assertThat(run("nobody").status()).isEqualTo(404);
        assertThat(run("nobody").json().get("detail").textValue()).contains("nobody");
        assertThat(run("x".repeat(300)).status()).isEqualTo(404);
        assertThat(server.post("/api/tasks/later/run?queue=made-up", "", TestDashboard.token(TestDashboard.OPERATOR))
                        .status())
                .isEqualTo(404);
        broker.enqueue(Task.of("t", 1).withId("ready"));
        assertThat(run("ready").json().get("ready").booleanValue()).isFalse();
        redis.client().lpush(redis.key("dead"), "{\"id\":\"dead\",\"type\":\"t\"}");
        assertThat(run("dead").json().get("ready").booleanValue()).isFalse();
        assertThat(broker.stats().dead()).isOne();
        assertThat(broker.stats().ready()).isOne();
    }

    @Test
    void a_body_that_is_not_expected_is_refused_and_does_nothing() {
        later("t", "later");
        TestDashboard.Answer answer =
                server.post("/api/tasks/later/run", "{\"at\":\"now\"}", TestDashboard.token(TestDashboard.OPERATOR));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(broker.stats().scheduled()).isOne();
    }

    @Test
    void of_many_who_do_it_at_once_one_does() {
        later("t", "later");
        List<CompletableFuture<TestDashboard.Answer>> all = IntStream.range(0, 16)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> run("later")))
                .toList();
        assertThat(all.stream()
                        .map(CompletableFuture::join)
                        .filter(answer -> answer.json().path("ready").booleanValue()))
                .hasSize(1);
        assertThat(redis.client().llen(redis.queue())).isOne();
    }
}
