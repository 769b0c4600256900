package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each page, looked at with tasks of every state: complete, accessible, and no wider than a phone. */
class PagesIT {

    private static final String AXE = axe();

    private static BusyQueues queues;

    @RegisterExtension
    final Browser browser = new Browser();

    @BeforeAll
    static void fill() {
        Assumptions.assumeTrue(Chromium.isInstalled(), Chromium.MISSING);
        queues = new BusyQueues();
    }

    @AfterAll
    static void empty() {
        if (queues != null) {
            queues.close();
        }
    }

    private static String axe() {
        try (InputStream in = PagesIT.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void forEachPage(Check check) {
        SoftAssertions all = new SoftAssertions();
        browser.open(queues.dashboard(), "#/overview");
        queues.pages().forEach((hash, example) -> {
            browser.go(hash);
            browser.awaitText("main", example);
            check.check(hash, all);
        });
        all.assertAll();
    }

    private interface Check {
        void check(String hash, SoftAssertions all);
    }

    @Test
    void is_shown_with_its_command_and_its_name() {
        Map<String, String> commands = Map.of(
                "#/tasks",
                "client.jar tasks --place ready",
                "#/dead",
                "client.jar dead list",
                "#/scheduled",
                "client.jar tasks --place scheduled",
                "#/crons",
                "client.jar cron list",
                "#/queues",
                "client.jar queues",
                "#/workers",
                "client.jar workers");
        forEachPage((hash, all) -> {
            all.assertThat(browser.driver().getTitle()).as(hash).contains("task-queue");
            all.assertThat(browser.all("main h1")).as(hash).hasSize(1);
            if (commands.containsKey(hash)) {
                all.assertThat(browser.text("main .command code")).as(hash).isEqualTo(commands.get(hash));
            }
        });
    }

    @Test
    void has_no_serious_fault_of_accessibility_in_light_and_in_dark() {
        for (String scheme : List.of("light", "dark")) {
            browser.prefer(scheme);
            forEachPage((hash, all) ->
                    all.assertThat(faults()).as(hash + " " + scheme).isEmpty());
        }
    }

    /** By axe-core, as a list of sentences. */
    @SuppressWarnings("unchecked")
    private List<String> faults() {
        browser.run(AXE);
        return (List<String>)
                browser.driver()
                        .executeAsyncScript(
                                "const done = arguments[0];"
                                        + "axe.run(document, { resultTypes: ['violations'] }).then(found => done(found.violations"
                                        + ".filter(rule => ['serious', 'critical'].includes(rule.impact))"
                                        + ".map(rule => rule.id + ': ' + rule.nodes.slice(0, 5).map(node => node.failureSummary + ' ' + node.html))))");
    }

    @Test
    void is_no_wider_than_a_phone() {
        browser.resize(360, 740);
        forEachPage((hash, all) -> all.assertThat((Long) browser.run("return document.documentElement.scrollWidth"))
                .as(hash)
                .isLessThanOrEqualTo(360));
    }

    @Test
    void fits_a_narrow_window() {
        for (int width : new int[] {620, 900, 1024}) {
            browser.resize(width, 740);
            forEachPage((hash, all) -> all.assertThat((Long) browser.run("return document.documentElement.scrollWidth"))
                    .as(hash + " at " + width)
                    .isLessThanOrEqualTo(width));
        }
    }

    @Test
    void a_task_of_each_state_says_its_state_and_what_happened() {
        browser.open(queues.dashboard(), "#/overview");
        Map<String, List<String>> told = Map.of(
                queues.succeeded, List.of("succeeded", "Succeeded after", "message_id"),
                queues.retrying, List.of("retrying", "failed; the next is due", "no answer from billing.internal"),
                queues.scheduled, List.of("scheduled", "Due", "in 2 h"),
                queues.parked, List.of("pending", "invoice:v2"),
                queues.cancelled, List.of("cancelled", "sent by hand"),
                queues.expired, List.of("expired", "Expired before it began"),
                queues.duplicate, List.of("duplicate", "another task of its key had succeeded"),
                queues.dead, List.of("dead", "UncheckedIOException", "warehouse 7"),
                queues.running, List.of("running", "Attempt 1 began on " + queues.worker()),
                queues.pending, List.of("pending", "bob@example.com"));
        told.forEach((id, parts) -> {
            browser.go("#/task/" + id + "?queue=" + queues.name());
            browser.awaitText("main h1", id);
            browser.awaitText("main", parts.toArray(String[]::new));
        });
    }

    @Test
    void a_retry_says_when_it_is_due_as_a_delayed_task_does() {
        for (String page : new String[] {"#/scheduled", "#/tasks?place=scheduled"}) {
            browser.open(queues.dashboard(), page);
            browser.awaitText("main tbody", "retrying", "scheduled");
            assertThat(browser.all("td[data-name=Due]")).hasSize(2);
            assertThat(
                            browser.run(
                                    "return [...document.querySelectorAll('td[data-name=Due]')].map(cell => cell.innerText).join()"))
                    .asString()
                    .matches("in .*,in .*");
        }
    }

    @Test
    void one_queue_of_several_is_chosen_and_everything_follows() {
        browser.open(queues.dashboard(), "#/dead");
        browser.awaitText("main", "19 letters");
        browser.run(
                "const s = document.querySelector('#queue'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))",
                queues.reports());
        browser.awaitText("main", "No dead letters.");
        browser.go("#/tasks");
        browser.awaitText("main", "report:monthly");
        assertThat(browser.text("main")).doesNotContain("email:send");
        browser.go("#/workers");
        browser.awaitText("main", "silent", "1 task it held comes back");
    }
}
