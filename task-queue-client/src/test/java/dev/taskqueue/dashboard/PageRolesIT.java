package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Cron;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Signing in on the page, and seeing no more buttons than one may use. */
class PageRolesIT {

    private static final List<String> ACTIONS =
            List.of("Retry", "Delete", "Cancel", "Run now", "Pause", "Resume", "Remove", "Quiet");

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @RegisterExtension
    final Browser browser = new Browser();

    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() {
        broker = redis.broker();
        server = TestDashboard.serve(
                TestDashboard.withTokens(Dashboard.of(broker)).pause(millis -> {}));
        browser.allowComplaints("401");
    }

    @AfterEach
    void close() {
        server.close();
        broker.close();
    }

    private void signIn(String token) {
        browser.type("dialog [name=token]", token);
        browser.click("dialog", "Sign in");
    }

    @Test
    void a_wrong_token_says_so_and_a_right_one_opens_the_page_until_one_signs_out() {
        browser.open(server, "#/queues");
        browser.awaitText("dialog", "Sign in to task-queue");
        signIn("wrong-token-0123456789");
        browser.awaitText("dialog [role=alert]", "not a token");
        signIn(TestDashboard.OPERATOR);
        browser.awaitText("main tbody", redis.queue());
        browser.awaitText(".foot", "operator");
        assertThat((String) browser.run("return document.cookie")).isEmpty();
        browser.click(".foot", "Sign out");
        browser.awaitText("dialog", "Sign in to task-queue");
        assertThat(browser.text("main")).doesNotContain(redis.queue());
    }

    @Test
    void each_role_is_shown_what_it_may_do() {
        redis.client()
                .lpush(
                        redis.key("dead"),
                        "{\"id\":\"m1\",\"type\":\"t\",\"payload\":1,\"reason\":\"retries exhausted\",\"died_at\":1000}");
        String scheduled =
                broker.enqueue(Task.of("t", 1).in(Duration.ofHours(1))).id();
        broker.crons().put(Cron.of("nightly", "0 3 * * *", "t", 1));
        try (Worker worker = Worker.of(broker).handler("other", task -> null).start()) {
            assertThat(shown(TestDashboard.VIEWER, scheduled)).isEmpty();
            assertThat(shown(TestDashboard.OPERATOR, scheduled)).containsExactly("Retry", "Cancel", "Run now", "Pause");
            assertThat(shown(TestDashboard.ADMIN, scheduled))
                    .containsExactly("Retry", "Delete", "Cancel", "Run now", "Pause", "Remove", "Quiet");
            assertThat(worker.isReady()).isTrue();
        }
    }

    /** Whatever acts, on all the pages; of what an operator may pause, queues alone. */
    private Set<String> shown(String token, String scheduled) {
        browser.driver().manage().deleteAllCookies();
        browser.open(server, "#/overview");
        browser.find("dialog[open]");
        signIn(token);
        browser.awaitText("main", "Throughput");
        Set<String> found = new HashSet<>();
        for (String page : List.of(
                "dead", "dead?all=true", "letter/m1", "task/" + scheduled, "scheduled", "crons", "queues", "workers")) {
            browser.go("#/" + page);
            browser.awaitNoText("main", "Loading");
            browser.find("main tbody tr, main dl, main .cells");
            ACTIONS.stream().filter(name -> browser.has("main", name)).forEach(found::add);
            if (page.equals("crons") && !token.equals(TestDashboard.ADMIN)) {
                assertThat(browser.has("main", "Pause")).isFalse();
            }
        }
        Set<String> sorted = new TreeSet<>(Comparator.comparing(ACTIONS::indexOf));
        sorted.addAll(found);
        return sorted;
    }

    @Test
    void a_session_that_ends_while_one_types_loses_nothing() {
        browser.open(server, "#/queues");
        browser.find("dialog[open]");
        signIn(TestDashboard.OPERATOR);
        browser.click("main", "Pause");
        browser.type("dialog [name=reason]", "migration");
        browser.driver().manage().deleteAllCookies();
        browser.find("dialog [name=token]");
        signIn(TestDashboard.OPERATOR);
        browser.until(
                "the sign-in to close", () -> browser.all("dialog [name=token]").isEmpty());
        browser.click("dialog", "Pause");
        browser.awaitText("main tbody", "migration");
        assertThat(redis.client().get(redis.key("paused"))).contains("migration");
    }
}
