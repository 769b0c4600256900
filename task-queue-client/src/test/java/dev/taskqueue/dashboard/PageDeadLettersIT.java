package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Pipeline;

/** Dead letters on the page: retried, deleted, exported, by group, selection or one by one. */
class PageDeadLettersIT {

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

    /** Newest at the left: the last is the first on the page. */
    private void bury(int from, int count, String type, String error) {
        try (Pipeline pipeline = redis.client().pipelined()) {
            for (int i = from; i < from + count; i++) {
                pipeline.lpush(
                        redis.key("dead"),
                        "{\"id\":\"m" + i + "\",\"type\":\"" + type
                                + "\",\"payload\":{\"n\":1.10},\"reason\":\"retries exhausted\",\"last_error\":\""
                                + error
                                + "\",\"died_at\":" + (System.currentTimeMillis() - 60_000 + i) + "}");
            }
        }
    }

    private long dead() {
        return redis.client().llen(redis.key("dead"));
    }

    @Test
    void a_group_is_retried() {
        bury(0, 30, "mail", "java.net.ConnectException: refused");
        bury(30, 5, "report", "java.io.IOException: full");
        browser.open(server, "#/dead");
        browser.awaitText("main tbody", "mail", "ConnectException", "30");
        browser.awaitText("main .pager", "2 groups of the 35 letters");
        browser.click("main tbody tr:first-child", "Retry");
        browser.awaitText("dialog", "Retry 30 dead letters?", "type mail");
        browser.click("dialog", "Retry");
        browser.awaitToast("Retried 30 dead letters");
        assertThat(dead()).isEqualTo(5);
        assertThat(redis.client().lrange(redis.queue(), 0, -1))
                .hasSize(30)
                .allMatch(task -> task.contains("\"mail\"") && task.contains("1.10"));
    }

    @Test
    void the_question_names_how_many_the_filter_fits_even_where_the_group_is_smaller() {
        bury(0, 4, "mail", "java.net.ConnectException: refused");
        // Without an error, so that the group's filter fits the others, too.
        redis.client()
                .lpush(
                        redis.key("dead"),
                        "{\"id\":\"bare\",\"type\":\"mail\",\"payload\":1,\"reason\":\"retries exhausted\",\"died_at\":1000}");
        browser.open(server, "#/dead");
        browser.awaitText("main .pager", "2 groups");
        browser.click("main tbody tr:last-child", "Delete");
        browser.awaitText("dialog", "Delete 5 dead letters?", "more than the group");
        browser.click("dialog", "Back");
        assertThat(dead()).isEqualTo(5);
    }

    @Test
    void more_than_a_thousand_are_deleted_only_with_their_number_typed() {
        bury(0, 1_234, "mail", "java.net.ConnectException: refused");
        browser.open(server, "#/dead");
        browser.click("main tbody", "Delete");
        browser.awaitText("dialog", "Delete 1,234 dead letters?");
        browser.click("dialog", "Delete");
        browser.type("dialog [name=typed]", "1233");
        browser.click("dialog", "Delete");
        assertThat(browser.all("dialog[open]")).hasSize(1);
        assertThat(dead()).isEqualTo(1_234);
        browser.type("dialog [name=typed]", "1234");
        browser.click("dialog", "Delete");
        browser.awaitToast("Deleted 1,234 dead letters");
        assertThat(dead()).isZero();
        browser.awaitText("main", "No dead letters.");
    }

    @Test
    void those_that_are_selected_are_retried_and_the_others_stay() {
        bury(0, 5, "mail", "x");
        browser.open(server, "#/dead?all=true");
        browser.clickOn("[aria-label='Select m1']");
        browser.clickOn("[aria-label='Select m3']");
        browser.awaitText("main", "2 selected");
        // Thinking better of it loses no selection.
        browser.click("main", "Retry selected");
        browser.click("dialog", "Back");
        browser.awaitText("main", "2 selected");
        browser.click("main", "Retry selected");
        browser.awaitText("dialog", "Retry 2 dead letters?");
        browser.click("dialog", "Retry");
        browser.awaitToast("Retried 2 dead letters");
        assertThat(redis.client().lrange(redis.queue(), 0, -1))
                .hasSize(2)
                .allMatch(task -> task.contains("\"m1\"") || task.contains("\"m3\""));
        browser.awaitText("main", "3 letters");
        browser.clickOn("[aria-label='Select all on this page']");
        browser.awaitText("main", "3 selected");
        browser.click("main", "Delete selected");
        browser.click("dialog", "Delete");
        browser.awaitToast("Deleted 3 dead letters");
        assertThat(dead()).isZero();
    }

    @Test
    void one_is_opened_retried_and_another_is_deleted() {
        bury(
                0,
                2,
                "mail",
                "java.io.IOException: full\\n\\tat com.shop.Mailer.send(Mailer.java:7)\\n\\tat java.lang.Thread.run");
        browser.open(server, "#/dead?all=true");
        browser.clickOn("main [data-open]");
        browser.awaitText("main", "java.io.IOException", "full", "com.shop.Mailer.send", "retries exhausted");
        browser.click("main", "Retry");
        browser.click("dialog", "Retry");
        browser.awaitToast("Retried 1 dead letter");
        assertThat(redis.client().lrange(redis.queue(), 0, -1))
                .singleElement()
                .asString()
                .contains("m1");
        browser.until("the task's page", () -> browser.hash().startsWith("#/task/m1"));
        browser.go("#/letter/m0?queue=" + redis.queue());
        browser.click("main", "Delete");
        browser.click("dialog", "Back");
        browser.awaitText("main h1", "m0");
        browser.click("main", "Delete");
        browser.click("dialog", "Delete");
        browser.awaitToast("Deleted 1 dead letter");
        browser.until("the list", () -> browser.hash().startsWith("#/dead"));
        assertThat(dead()).isZero();
    }

    @Test
    void the_form_filters_by_type_error_reason_and_time_and_the_address_keeps_it() {
        bury(0, 3, "mail", "timed out");
        bury(3, 4, "report", "timed out");
        bury(7, 5, "report", "full");
        browser.open(server, "#/dead?all=true");
        browser.type("#by-type", "rep*");
        browser.type("#by-error", "TIMED");
        browser.type("#by-reason", "exhausted");
        browser.type("#by-since", "1h");
        browser.click("main", "Filter");
        browser.awaitText("main .pager", "4 shown");
        browser.awaitText(
                "main .command code", "client.jar dead list --type 'rep*' --error TIMED --reason exhausted --since 1h");
        browser.open(server, browser.hash());
        browser.awaitText("main .pager", "4 shown");
        browser.click("main", "Retry");
        browser.awaitText("dialog", "Retry 4 dead letters?");
        browser.click("dialog", "Retry");
        browser.awaitToast("Retried 4 dead letters");
        assertThat(dead()).isEqualTo(8);
        browser.awaitText("main", "No dead letter matches");
    }

    @Test
    void a_page_follows_another_and_no_letter_is_missed() {
        bury(0, 230, "mail", "x");
        browser.open(server, "#/dead?all=true");
        browser.awaitText("main .pager", "100 shown");
        browser.awaitText("main tbody", "m229", "m130");
        browser.click("main .pager", "Next page");
        browser.awaitText("main tbody", "m129", "m30");
        browser.click("main .pager", "Next page");
        browser.awaitText("main .pager", "30 shown");
        browser.awaitText("main tbody", "m29", "m0");
        assertThat(browser.find("main .pager button:last-child").isEnabled()).isFalse();
        browser.click("main .pager", "First page");
        browser.awaitText("main tbody", "m229");
    }

    @Test
    void what_matches_is_exported_line_by_line() throws Exception {
        bury(0, 620, "mail", "x");
        bury(620, 3, "report", "x");
        browser.open(server, "#/dead?type=mail");
        browser.click("main", "Export");
        browser.awaitToast("Exported 620 dead letters");
        Path file = browser.downloads().resolve("dead-" + redis.queue() + ".ndjson");
        browser.until("the file", () -> Files.exists(file));
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(620);
        assertThat(new ObjectMapper().readTree(lines.get(0)).get("id").textValue())
                .isEqualTo("m619");
    }

    @Test
    void a_malformed_letter_is_shown_and_not_retried() {
        redis.client().lpush(redis.key("dead"), "no {json");
        browser.open(server, "#/dead?all=true");
        browser.awaitText("main tbody", "no task");
        browser.clickOn("main [data-open]");
        browser.awaitText("main", "cannot be retried");
        assertThat(browser.has("main", "Retry")).isFalse();
        assertThat(browser.has("main", "Delete")).isTrue();
    }
}
