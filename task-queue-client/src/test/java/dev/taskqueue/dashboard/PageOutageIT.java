package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redis away, or the dashboard's server: the last figures, greyed, with since when. */
class PageOutageIT {

    @RegisterExtension
    final Browser browser = new Browser();

    @Test
    void the_last_figures_stay_while_redis_is_away_and_go_on_when_it_is_back() {
        browser.allowComplaints("503");
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            broker.enqueue("t", 1);
            browser.open(server, "#/queues");
            browser.until(
                    "the task to be counted",
                    () -> browser.text("td[data-name=Normal]").equals("1"));
            redis.kill();
            browser.awaitText("header .notice", "Redis", "These are the figures of");
            assertThat((String) browser.run("return getComputedStyle(document.querySelector('main')).filter"))
                    .contains("grayscale");
            assertThat(browser.text("td[data-name=Normal]")).isEqualTo("1");
            browser.go("#/dead");
            browser.awaitText("main [role=alert]", "Redis");
            redis.restart();
            browser.until(
                    "the notice to go", () -> browser.all("header .notice").isEmpty());
            browser.awaitText("main", "No dead letters.");
            browser.go("#/queues");
            broker.enqueue("t", 1);
            browser.until(
                    "both to be counted",
                    () -> browser.text("td[data-name=Normal]").equals("2"));
            browser.leave();
        }
    }

    @Test
    void an_action_that_fails_is_said_and_can_be_repeated() {
        browser.allowComplaints("503");
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            browser.open(server, "#/queues");
            browser.click("main", "Pause");
            browser.type("dialog [name=reason]", "migration");
            redis.kill();
            browser.click("dialog", "Pause");
            browser.awaitText("dialog [role=alert]", "Redis");
            redis.restart();
            browser.until(
                    "Redis to be back", () -> browser.all("header .notice").isEmpty());
            browser.click("dialog", "Pause");
            browser.awaitText("main tbody", "migration");
            assertThat(broker.stats().paused()).isTrue();
            browser.leave();
        }
    }
}
