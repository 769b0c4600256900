package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cron;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.Keys;

/** What is clicked on the page happens to tasks, queues, schedules and workers: told from Redis. */
class PageActionsIT {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @RegisterExtension
    final Browser browser = new Browser();

    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() {
        broker = redis.broker();
        server = TestDashboard.serve(Dashboard.of(broker));
    }

    @AfterEach
    void close() {
        server.close();
        broker.close();
    }

    private TaskState state(String id) {
        return broker.status(id).orElseThrow().state();
    }

    @Test
    void a_waiting_task_is_cancelled_with_a_reason() {
        String id = broker.enqueue("t", 1).id();
        browser.open(server, "#/task/" + id);
        browser.click("main", "Cancel");
        browser.type("dialog [name=reason]", "sent twice");
        browser.click("dialog", "Cancel the task");
        browser.awaitToast("it will not run");
        browser.awaitText("main", "Cancelled: sent twice");
        assertThat(state(id)).isEqualTo(TaskState.CANCELLED);
        assertThat(redis.client().llen(redis.queue())).isZero();
        assertThat(browser.has("main", "Cancel")).isFalse();
    }

    @Test
    void who_thinks_better_of_it_changes_nothing() {
        String id = broker.enqueue("t", 1).id();
        browser.open(server, "#/task/" + id);
        browser.click("main", "Cancel");
        browser.click("dialog", "Back");
        browser.until("the dialog to close", () -> browser.all("dialog").isEmpty());
        browser.click("main", "Cancel");
        browser.find("dialog[open]");
        browser.press(Keys.ESCAPE);
        browser.until("the dialog to close", () -> browser.all("dialog").isEmpty());
        assertThat(state(id)).isEqualTo(TaskState.PENDING);
    }

    @Test
    void a_running_task_is_interrupted() {
        CountDownLatch never = new CountDownLatch(1);
        try (Worker worker = Worker.of(broker)
                .handler("hangs", task -> {
                    never.await();
                    return null;
                })
                .start()) {
            String id = broker.enqueue("hangs", 1).id();
            await().until(() -> state(id) == TaskState.RUNNING);
            browser.open(server, "#/tasks?place=running");
            browser.awaitText("main tbody", worker.name());
            browser.clickOn("main [data-open]");
            browser.awaitText("main", "Attempt 1 began on " + worker.name());
            browser.click("main", "Cancel");
            browser.click("dialog", "Cancel the task");
            browser.awaitText("main .badge", "cancelled");
            assertThat(state(id)).isEqualTo(TaskState.CANCELLED);
        }
    }

    @Test
    void a_scheduled_task_is_run_now_and_another_is_cancelled() {
        String now = broker.enqueue(Task.of("t", 1).in(Duration.ofHours(1))).id();
        String never = broker.enqueue(Task.of("t", 1).in(Duration.ofHours(2))).id();
        browser.open(server, "#/scheduled");
        browser.click("main tbody tr:first-child", "Run now");
        browser.awaitToast("Ready now");
        assertThat(redis.client().lrange(redis.queue(), 0, -1))
                .singleElement()
                .asString()
                .contains(now);
        browser.awaitText("main .pager", "1 shown");
        browser.click("main tbody tr:first-child", "Cancel");
        browser.click("dialog", "Cancel the task");
        browser.awaitText("main", "No task is scheduled.");
        assertThat(state(never)).isEqualTo(TaskState.CANCELLED);
    }

    @Test
    void a_queue_is_paused_for_a_reason_and_resumed() {
        browser.open(server, "#/queues");
        browser.click("main", "Pause");
        browser.type("dialog [name=reason]", "migration");
        browser.type("dialog [name=for]", "10m");
        browser.click("dialog", "Pause");
        browser.awaitToast("Paused " + redis.queue());
        browser.awaitText("main tbody", "paused", "migration", "until");
        assertThat(redis.client().get(redis.key("paused"))).contains("migration", "until");
        browser.go("#/overview");
        browser.awaitText("main .findings", "migration");
        browser.click("main .findings", "Resume");
        browser.awaitNoText("main .findings", "migration");
        assertThat(broker.stats().paused()).isFalse();
    }

    @Test
    void what_is_refused_is_said_in_the_question_and_loses_nothing_that_was_typed() {
        browser.allowComplaints("400");
        browser.open(server, "#/queues");
        browser.click("main", "Pause");
        browser.type("dialog [name=reason]", "migration");
        browser.type("dialog [name=for]", "ten minutes");
        browser.click("dialog", "Pause");
        browser.awaitText("dialog [role=alert]", "ten minutes");
        assertThat(broker.stats().paused()).isFalse();
        browser.type("dialog [name=for]", "10m");
        browser.click("dialog", "Pause");
        browser.awaitText("main tbody", "migration");
        assertThat(redis.client().get(redis.key("paused"))).contains("migration");
    }

    @Test
    void a_schedule_is_run_paused_resumed_and_removed() {
        broker.crons().put(Cron.of("night/ly", "0 3 * * *", "report", 1));
        browser.open(server, "#/crons");
        browser.awaitText("main tbody", "night/ly", "0 3 * * *", "active");
        browser.click("main", "Run now");
        browser.awaitToast("Enqueued a task of night/ly");
        assertThat(redis.client().llen(redis.queue())).isOne();
        browser.awaitText("main tbody", "pending");
        browser.click("main", "Pause");
        browser.awaitText("main tbody", "paused");
        assertThat(broker.crons().list().get(0).paused()).isTrue();
        browser.click("main", "Resume");
        browser.awaitText("main tbody", "active");
        assertThat(broker.crons().list().get(0).paused()).isFalse();
        browser.click("main", "Remove");
        browser.click("dialog", "Remove");
        browser.awaitText("main", "No schedules.");
        assertThat(broker.crons().list()).isEmpty();
    }

    @Test
    void a_worker_is_quieted_and_claims_again() {
        try (Worker worker =
                Worker.of(broker).handler("t", task -> null).concurrency(2).start()) {
            browser.open(server, "#/workers");
            browser.awaitText("main", worker.name(), "alive", "0 of 2 threads");
            browser.click("main", "Quiet");
            browser.awaitToast("claims nothing more");
            browser.awaitText("main .badge", "quiet");
            assertThat(broker.workers().get(0).quiet()).isPresent();
            browser.click("main", "Claim again");
            browser.awaitText("main .badge", "alive");
            assertThat(broker.workers().get(0).quiet()).isEmpty();
            String id = broker.enqueue("t", 1).id();
            await().until(() -> state(id) == TaskState.SUCCEEDED);
        }
    }

    @Test
    void the_search_finds_a_task_by_its_id_and_lists_by_type_and_error() {
        String id = broker.enqueue(Task.of("mail:x", 1).withId("type:a/b ü?#")).id();
        redis.client()
                .lpush(
                        redis.key("dead"),
                        "{\"id\":\"m1\",\"type\":\"mail:x\",\"payload\":1,\"reason\":\"retries exhausted\",\"last_error\":\"java.io.IOException: read timed out\"}",
                        "{\"id\":\"m2\",\"type\":\"mail:x\",\"payload\":1,\"reason\":\"retries exhausted\",\"last_error\":\"java.io.IOException: refused\"}");
        browser.open(server, "#/overview");
        search("m1");
        browser.awaitText("main h1", "m1");
        browser.awaitText("main", "read timed out");
        search("type:mail:*");
        browser.awaitText("main tbody", "mail:x");
        assertThat(browser.hash()).startsWith("#/tasks");
        search("type:mail:* error:read timed");
        browser.awaitText("main tbody", "m1");
        assertThat(browser.text("main tbody")).doesNotContain("m2");
        search(id + " ");
        // A word before a colon is no term where it is none of ours.
        search("cron:nightly:1");
        browser.awaitText("main", "has no status");
    }

    private void search(String text) {
        if (text.contains("cron:")) {
            browser.allowComplaints("404");
        }
        browser.type("#search", text);
        browser.press(Keys.ENTER);
    }

    @Test
    void tasks_are_filtered_by_type_and_paged() {
        for (int i = 0; i < 150; i++) {
            broker.enqueue(Task.of(i == 149 ? "rare" : "often", 1).withId("t" + i));
        }
        browser.open(server, "#/tasks");
        browser.awaitText("main .pager", "100 shown");
        browser.click("main .pager", "Next page");
        browser.awaitText("main .pager", "50 shown");
        assertThat(browser.text("main tbody")).contains("t149").doesNotContain("t99\n");
        browser.click("main .pager", "First page");
        browser.awaitText("main .pager", "100 shown");
        browser.type("#type", "ra*");
        browser.click("main", "Filter");
        browser.awaitText("main .pager", "1 shown");
        browser.awaitText("main tbody", "rare");
    }
}
