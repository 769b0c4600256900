package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What each route does, told from what stands in Redis. */
class ApiTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() {
        broker = redis.brokerBuilder().route("mail:*", redis.queue() + "-mail").build();
        server = TestDashboard.serve(Dashboard.of(broker).maxWaiters(1));
    }

    @AfterEach
    void close() {
        server.close();
        broker.close();
    }

    private void bury(int count) {
        for (int i = 0; i < count; i++) {
            redis.client()
                    .lpush(
                            redis.key("dead"),
                            "{\"id\":\"m" + i + "\",\"type\":\"" + (i % 10 == 0 ? "rare" : "often")
                                    + "\",\"payload\":{\"n\":1.10},\"reason\":\"retries exhausted\",\"last_error\":\"timed out\",\"died_at\":1000}");
        }
    }

    @Test
    void a_task_is_enqueued_byte_for_byte_and_found_in_the_queue_of_its_route() {
        TestDashboard.Answer made = server.post(
                "/api/tasks",
                "{\"type\":\"mail:x\",\"id\":\"a/b ü\",\"payload\":{\"n\":1.10,\"n\":-0.0},\"tenant\":7}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().get("accepted").booleanValue()).isTrue();
        assertThat(redis.client().lrange(redis.queue() + "-mail", 0, -1))
                .singleElement()
                .asString()
                .contains("{\"n\":1.10,\"n\":-0.0}", "\"tenant\":7");
        JsonNode task = server.get(made.header("Location")).json();
        assertThat(task.get("id").textValue()).isEqualTo("a/b ü");
        assertThat(task.get("queue").textValue()).isEqualTo(redis.queue() + "-mail");
        assertThat(task.get("state").textValue()).isEqualTo("pending");
        assertThat(server.get("/tasks/a%2Fb%20%C3%BC").json()).isEqualTo(task);
        assertThat(server.get("/api/tasks/a%2Fb%20%C3%BC/entry")
                        .json()
                        .at("/entry/payload/n")
                        .toString())
                .isEqualTo("-0.0");
    }

    @Test
    void a_queue_can_be_named_and_must_be_one_that_there_is() {
        assertThat(server.post("/api/tasks", "{\"type\":\"mail:x\",\"queue\":\"" + redis.queue() + "\"}")
                        .status())
                .isEqualTo(201);
        assertThat(redis.client().lrange(redis.queue(), 0, -1))
                .singleElement()
                .asString()
                .doesNotContain("queue");
        TestDashboard.Answer unknown = server.post("/api/tasks", "{\"type\":\"x\",\"queue\":\"made-up\"}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(server.post("/api/queues/made-up/pause", "").status()).isEqualTo(404);
        assertThat(server.get("/api/dead?queue=made-up").status()).isEqualTo(404);
    }

    @Test
    void of_unique_tasks_the_one_that_stands_is_told() {
        String body = "{\"type\":\"t\",\"unique\":{\"key\":\"k\"}}";
        String first = server.post("/api/tasks", body).json().get("id").textValue();
        TestDashboard.Answer second = server.post("/api/tasks", body);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json().get("accepted").booleanValue()).isFalse();
        assertThat(second.json().get("id").textValue()).isEqualTo(first);
    }

    @Test
    void what_is_wrong_with_a_task_is_told_with_its_field() {
        TestDashboard.Answer answer = server.post("/api/tasks", "{\"type\":\"t\",\"max_retries\":-1}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().get("field").textValue()).isEqualTo("max_retries");
        assertThat(answer.json().get("detail").textValue()).contains("allowed is 0 to 10000");
        assertThat(server.post("/api/tasks", "{").json().get("detail").textValue())
                .contains("not JSON");
    }

    @Test
    void one_waits_for_a_tasks_end_and_no_more_than_so_many_do() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        Worker worker = Worker.of(broker)
                .handler("slow", task -> {
                    started.countDown();
                    finish.await();
                    return "done";
                })
                .start();
        try {
            String id = broker.enqueue("slow", 1).id();
            started.await();
            assertThat(server.get("/api/tasks/" + id + "?wait=1ms")
                            .json()
                            .get("state")
                            .textValue())
                    .isIn("pending", "running");
            // Either may find that the other has the only place; then it asks again.
            CompletableFuture<TestDashboard.Answer> waiting =
                    CompletableFuture.supplyAsync(() -> askUntil(id, "60s", status -> status != 503));
            TestDashboard.Answer other = askUntil(id, "1ms", status -> status == 503);
            assertThat(other.header("Retry-After")).isNotEmpty();
            assertThat(server.get("/api/tasks/" + id).status()).isEqualTo(200);
            finish.countDown();
            assertThat(waiting.get().json().get("state").textValue()).isEqualTo("succeeded");
            assertThat(waiting.get().json().get("result").textValue()).isEqualTo("done");
        } finally {
            finish.countDown();
            worker.close();
        }
        assertThat(server.get("/api/tasks/x?wait=61s").status()).isEqualTo(400);
    }

    private TestDashboard.Answer askUntil(String id, String wait, IntPredicate wanted) {
        TestDashboard.Answer answer;
        do {
            answer = server.get("/api/tasks/" + id + "?wait=" + wait);
        } while (!wanted.test(answer.status()));
        return answer;
    }

    @Test
    void a_task_is_cancelled() {
        String id = broker.enqueue("t", 1).id();
        assertThat(server.post("/api/tasks/" + id + "/cancel", "{\"reason\":\"sent twice\"}")
                        .json()
                        .get("cancellation")
                        .textValue())
                .isEqualTo("removed");
        JsonNode task = server.get("/api/tasks/" + id).json();
        assertThat(task.get("state").textValue()).isEqualTo("cancelled");
        assertThat(task.get("cancel_reason").textValue()).isEqualTo("sent twice");
        assertThat(server.get("/api/tasks/nobody").status()).isEqualTo(404);
        assertThat(server.get("/api/tasks/" + "x".repeat(200)).status()).isEqualTo(404);
    }

    @Test
    void a_queue_is_paused_and_resumed() {
        String queue = "/api/queues/" + redis.queue();
        JsonNode paused = server.post(queue + "/pause", "{\"reason\":\"migration\",\"for\":\"10m\"}")
                .json();
        assertThat(paused.get("acknowledged").booleanValue()).isTrue();
        assertThat(paused.get("paused_reason").textValue()).isEqualTo("migration");
        assertThat(broker.stats().paused()).isTrue();
        assertThat(server.post(queue + "/pause", "{\"for\":\"0\"}").status()).isEqualTo(400);
        assertThat(server.post(queue + "/resume", "").json().get("was_paused").booleanValue())
                .isTrue();
        assertThat(broker.stats().paused()).isFalse();
    }

    @Test
    void dead_letters_are_paged_and_no_letter_is_missed_or_told_twice() {
        bury(1_234);
        Set<String> ids = new HashSet<>();
        String cursor = "";
        int pages = 0;
        do {
            JsonNode page = server.get("/api/dead?type=rare&limit=50" + cursor).json();
            assertThat(page.get("letters").size()).isLessThanOrEqualTo(50);
            page.get("letters")
                    .forEach(letter ->
                            assertThat(ids.add(letter.get("id").textValue())).isTrue());
            cursor = page.has("next") ? "&cursor=" + page.get("next").textValue() : "";
            pages++;
        } while (!cursor.isEmpty());
        assertThat(ids).hasSize(124);
        assertThat(pages).isEqualTo(3);
        JsonNode one = server.get("/api/dead/m7").json();
        assertThat(one.at("/task/state").textValue()).isEqualTo("dead");
        assertThat(one.at("/letter/payload").toString()).isEqualTo("{\"n\":1.10}".replace("1.10", "1.1"));
        assertThat(server.get("/api/dead/nobody").status()).isEqualTo(404);
    }

    @Test
    void dead_letters_are_retried_and_deleted_in_bounded_steps() {
        bury(300);
        assertThat(server.post("/api/dead/retry", "{\"filter\":{\"type\":\"rare\"},\"dry_run\":true}")
                        .json()
                        .get("retried")
                        .intValue())
                .isEqualTo(30);
        assertThat(redis.client().llen(redis.key("dead"))).isEqualTo(300);
        JsonNode some = server.post("/api/dead/retry", "{\"filter\":{\"type\":\"rare\"},\"limit\":20}")
                .json();
        assertThat(some.get("retried").intValue()).isEqualTo(20);
        assertThat(some.get("complete").booleanValue()).isFalse();
        JsonNode rest = server.post(
                        "/api/dead/retry",
                        "{\"filter\":{\"type\":\"rare\"},\"limit\":20,\"cursor\":\""
                                + some.get("next").textValue() + "\"}")
                .json();
        assertThat(rest.get("retried").intValue()).isEqualTo(10);
        assertThat(rest.get("complete").booleanValue()).isTrue();
        assertThat(redis.client().llen(redis.queue())).isEqualTo(30);
        JsonNode byId =
                server.post("/api/dead/delete", "{\"ids\":[\"m1\",\"nobody\"]}").json();
        assertThat(byId.get("deleted").intValue()).isOne();
        assertThat(byId.get("missing").toString()).isEqualTo("[\"nobody\"]");
        assertThat(server.post("/api/dead/delete", "{\"all\":true,\"limit\":10000}")
                        .json()
                        .get("deleted")
                        .intValue())
                .isEqualTo(269);
        assertThat(redis.client().exists(redis.key("dead"))).isFalse();
    }

    @Test
    void what_would_touch_everything_wants_to_be_told_so() {
        bury(3);
        for (String body : new String[] {
            "",
            "{}",
            "{\"filter\":{}}",
            "{\"ids\":[]}",
            "{\"ids\":[\"m1\"],\"all\":true}",
            "{\"dryrun\":true,\"all\":true}",
            "{\"filter\":{\"tpye\":\"x\"}}",
            "[]",
            "{\"all\":\"true\"}",
            "{\"all\":true,\"limit\":1e3}"
        }) {
            assertThat(server.post("/api/dead/delete", body).status()).as(body).isEqualTo(400);
        }
        assertThat(server.post("/api/queues/" + redis.queue() + "/purge", "{}").status())
                .isEqualTo(400);
        assertThat(redis.client().llen(redis.key("dead"))).isEqualTo(3);
    }

    @Test
    void tasks_are_listed_by_state_and_purged_and_moved() {
        broker.enqueue(Task.of("a", 1));
        broker.enqueue(Task.of("b", 1).in(Duration.ofHours(1)));
        broker.enqueue(Task.of("c", 1));
        assertThat(server.get("/api/tasks?state=scheduled").json().get("tasks")).hasSize(1);
        JsonNode first = server.get("/api/tasks?state=pending&limit=1").json();
        assertThat(first.at("/tasks/0/type").textValue()).isEqualTo("a");
        JsonNode second = server.get("/api/tasks?state=pending&limit=1&cursor="
                        + first.get("next").textValue())
                .json();
        assertThat(second.at("/tasks/0/type").textValue()).isEqualTo("c");
        String queue = "/api/queues/" + redis.queue();
        assertThat(server.post(queue + "/move", "{\"to\":\"" + redis.queue() + "-mail\",\"type\":\"c\"}")
                        .json()
                        .get("moved")
                        .intValue())
                .isOne();
        assertThat(redis.client().llen(redis.queue() + "-mail")).isOne();
        assertThat(server.post(queue + "/purge", "{\"all\":true}")
                        .json()
                        .get("purged")
                        .intValue())
                .isEqualTo(2);
        assertThat(broker.stats().unfinished()).isZero();
        assertThat(server.get("/api/tasks?state=succeeded").status()).isEqualTo(400);
    }

    @Test
    void schedules_are_added_changed_and_removed() {
        String body =
                "{\"spec\":\"0 3 * * *\",\"zone\":\"Europe/Berlin\",\"type\":\"r\",\"payload\":{\"a\":1.00},\"max_retries\":0}";
        JsonNode put = server.send("PUT", "/api/crons/night%2Fly", body).json();
        assertThat(put.get("name").textValue()).isEqualTo("night/ly");
        assertThat(redis.client().hget(redis.key("cron"), "night/ly")).contains("{\"a\":1.00}");
        assertThat(server.get("/api/crons").json().at("/crons/0")).isEqualTo(put);
        assertThat(server.get("/api/crons/night%2Fly/next?n=3").json().get("fires"))
                .hasSize(3);
        assertThat(server.post("/api/crons/night%2Fly/pause", "").status()).isEqualTo(200);
        assertThat(server.get("/api/crons/night%2Fly").json().get("paused").booleanValue())
                .isTrue();
        assertThat(server.post("/api/crons/night%2Fly/run", "").json().get("id").textValue())
                .startsWith("cron:night/ly:");
        assertThat(server.send("DELETE", "/api/crons/night%2Fly", "").status()).isEqualTo(200);
        assertThat(server.send("DELETE", "/api/crons/night%2Fly", "").status()).isEqualTo(404);
        assertThat(server.send("PUT", "/api/crons/x", body.replace("0 3", "99 3"))
                        .json()
                        .get("detail")
                        .textValue())
                .contains("minute is \"99\"");
    }

    @Test
    void other_paths_and_methods_are_told_apart() {
        assertThat(server.get("/api/nothing").status()).isEqualTo(404);
        TestDashboard.Answer wrong = server.send("PUT", "/api/queues", "");
        assertThat(wrong.status()).isEqualTo(405);
        assertThat(wrong.header("Allow")).isEqualTo("GET, HEAD");
        TestDashboard.Answer head = server.send("HEAD", "/api/queues", "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.response().body()).isEmpty();
    }
}
