package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.Cron;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What producers, handlers and people write is text on the page, whatever it holds. */
class HostileTextIT {

    private static final String EVIL =
            "\"'><img/src=x/onerror=window.evil=1><script>window.evil=1</script><svg/onload=window.evil=1>${window.evil=1}";

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @RegisterExtension
    final Browser browser = new Browser();

    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() throws InterruptedException {
        broker = redis.broker();
        server = TestDashboard.serve(Dashboard.of(broker));
        String type = EVIL.substring(0, 100);
        broker.enqueue(Task.of(type, EVIL).withId("ready" + EVIL.substring(0, 100)));
        broker.enqueue(Task.of(type, EVIL).in(Duration.ofHours(1)));
        ObjectNode letter = new ObjectMapper().createObjectNode();
        letter.put("id", EVIL)
                .put("type", EVIL)
                .put("reason", EVIL)
                .put("last_error", EVIL + "\n\tat " + EVIL)
                .put("died_at", 1_000)
                .putObject("payload")
                .put(EVIL, EVIL);
        redis.client().lpush(redis.key("dead"), letter.toString(), EVIL);
        letter.put("id", "evil").put("type", type);
        redis.client().lpush(redis.key("dead"), letter.toString());
        broker.crons().put(Cron.of(EVIL.substring(0, 100), "0 3 * * *", type, EVIL));
        redis.client().hset(redis.key("cron"), "broken" + EVIL, EVIL);
        redis.client().zadd(redis.key("workers"), System.currentTimeMillis(), EVIL);
        broker.pause(EVIL);
    }

    @AfterEach
    void close() {
        server.close();
        broker.close();
    }

    @Test
    void script_in_any_field_is_shown_and_never_run() {
        String cancelled = broker.enqueue(Task.of("t", 1)).id();
        broker.cancel(cancelled, EVIL);
        String ready = "ready" + EVIL.substring(0, 100);
        browser.open(server, "#/overview");
        for (String page : List.of(
                "overview",
                "tasks",
                "tasks?type=" + encoded(EVIL),
                "task/" + encoded(ready),
                "task/" + cancelled,
                "dead",
                "dead?all=true",
                "letter/evil",
                "scheduled",
                "crons",
                "queues",
                "workers")) {
            browser.go("#/" + page);
            browser.awaitNoText("main", "Loading");
            browser.awaitText("main", "onerror=");
            assertThat(browser.all(
                            "main img, main script, main svg:not(.spark, .meter), main [onerror], main [onload]"))
                    .as(page)
                    .isEmpty();
            assertThat(browser.all("a[href^='javascript']")).isEmpty();
            assertThat(browser.run("return window.evil ?? null")).as(page).isNull();
        }
    }

    @Test
    void questions_and_messages_show_it_as_text_too() {
        browser.open(server, "#/dead?all=true");
        browser.clickOn("main thead input");
        browser.awaitText("main", "3 selected");
        browser.go("#/queues");
        browser.click("main", "Resume");
        browser.awaitToast("Resumed");
        browser.go("#/letter/evil");
        browser.click("main", "Delete");
        browser.click("dialog", "Back");
        browser.go("#/crons");
        browser.click("main tbody tr:last-child", "Remove");
        browser.awaitText("dialog", "onerror=");
        assertThat(browser.all("dialog img, dialog script, .toasts img")).isEmpty();
        assertThat(browser.run("return window.evil ?? null")).isNull();
    }

    @Test
    void an_id_that_looks_like_an_option_is_none_in_the_command_to_be_copied() {
        redis.client().lpush(redis.key("dead"), "{\"id\":\"--all\",\"type\":\"--all\",\"reason\":\"r\"}");
        browser.open(server, "#/letter/--all?queue=" + redis.queue());
        browser.awaitText("main .command code", "client.jar dead show --queue " + redis.queue() + " -- --all");
        browser.go("#/dead?type=--all");
        browser.awaitText("main .command code", "client.jar dead list --type=--all");
    }

    @Test
    void entries_with_the_same_id_are_each_shown() {
        broker.resume();
        for (int i = 0; i < 3; i++) {
            redis.client().lpush(redis.queue(), "{\"id\":\"twin\",\"type\":\"twin:" + i + "\",\"payload\":1}");
        }
        browser.open(server, "#/tasks?type=" + encoded("twin:*"));
        browser.awaitText("main tbody", "twin:0", "twin:1", "twin:2");
        assertThat(browser.all("main tbody tr")).hasSize(3);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
