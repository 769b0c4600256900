package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;

/** How the page keeps itself fresh, and whom it does not disturb; its keyboard, its look. */
class PageRefreshIT {

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

    private void bury(String id) {
        redis.client()
                .lpush(
                        redis.key("dead"),
                        "{\"id\":\"" + id
                                + "\",\"type\":\"mail\",\"payload\":1,\"reason\":\"retries exhausted\",\"died_at\":"
                                + System.currentTimeMillis() + "}");
    }

    private long asked(String path) {
        return browser.log().requests().stream()
                .filter(url -> url.contains(path))
                .count();
    }

    @Test
    void figures_change_by_themselves() {
        browser.open(server, "#/queues");
        browser.awaitText("main tbody", redis.queue());
        broker.enqueue("t", 1);
        browser.until(
                "the task to be counted",
                () -> browser.text("td[data-name=Normal]").equals("1"));
        browser.go("#/dead?all=true");
        browser.awaitText("main", "No dead letter");
        bury("m1");
        browser.awaitText("main tbody", "m1");
        browser.awaitText("nav .count", "1");
        assertThat(browser.driver().getTitle()).contains("wrong");
    }

    @Test
    void rows_stay_under_the_pointer_and_under_the_keyboard() {
        bury("m1");
        browser.open(server, "#/dead?all=true");
        browser.awaitText("main tbody", "m1");
        WebElement row = browser.find("main tbody tr");
        browser.pointAt(row);
        bury("m2");
        browser.awaitText("nav .count", "2");
        browser.log().clear();
        browser.until("several refreshes", () -> asked("api/live") >= 5);
        assertThat(browser.text("main tbody")).doesNotContain("m2");
        browser.pointAt(browser.find("main h1"));
        browser.awaitText("main tbody", "m2");
        browser.press("j", "j");
        browser.awaitText("tr.current", "m1");
        bury("m3");
        browser.awaitText("main tbody", "m3");
        assertThat(browser.text("tr.current")).contains("m1");
    }

    @Test
    void a_hidden_tab_asks_nothing_and_goes_on_when_it_is_shown() {
        browser.open(server, "#/dead");
        browser.until("refreshes", () -> asked("api/live") >= 2);
        String tab = browser.driver().getWindowHandle();
        browser.run(
                "Object.defineProperty(document, 'hidden', { configurable: true, get: () => window.tucked === true });"
                        + "window.tucked = true; document.dispatchEvent(new Event('visibilitychange'))");
        browser.driver().switchTo().newWindow(WindowType.TAB);
        browser.driver().switchTo().window(tab);
        browser.log().clear();
        // Longer than any of its periods.
        await().pollDelay(7, TimeUnit.SECONDS).until(() -> true);
        assertThat(browser.log().requests()).hasSizeLessThanOrEqualTo(1);
        browser.run("window.tucked = false; document.dispatchEvent(new Event('visibilitychange'))");
        browser.until("it to go on", () -> asked("api/live") >= 2);
        browser.driver().getWindowHandles().stream()
                .filter(handle -> !handle.equals(tab))
                .forEach(other -> browser.driver().switchTo().window(other).close());
        browser.driver().switchTo().window(tab);
    }

    @Test
    void what_is_typed_survives_every_refresh() {
        bury("m1");
        browser.open(server, "#/dead?all=true");
        browser.type("#by-error", "half a wo");
        browser.type("#search", "type:");
        browser.go("#/queues");
        browser.click("main", "Pause");
        browser.type("dialog [name=reason]", "half a sent");
        browser.log().clear();
        browser.until("several refreshes", () -> asked("api/live") >= 4);
        assertThat(browser.find("dialog [name=reason]").getDomProperty("value")).isEqualTo("half a sent");
        assertThat(browser.find("#search").getDomProperty("value")).isEqualTo("type:");
    }

    @Test
    void the_refreshing_is_stopped_and_what_is_shown_stays() {
        bury("m1");
        browser.open(server, "#/dead?all=true");
        browser.awaitText("main tbody", "m1");
        browser.clickOn(".tools [title='Stop refreshing']");
        browser.awaitText(".live-word", "paused");
        bury("m2");
        browser.log().clear();
        await().pollDelay(5, TimeUnit.SECONDS).until(() -> true);
        assertThat(browser.log().requests()).hasSizeLessThanOrEqualTo(1);
        browser.clickOn("[aria-label='Select m1']");
        browser.awaitText("main", "1 selected");
        assertThat(browser.text("main tbody")).contains("m1").doesNotContain("m2");
        browser.clickOn("[aria-label='Select m1']");
        browser.pointAt(browser.find("main h1"));
        browser.clickOn(".tools [title='Go on refreshing']");
        browser.pointAt(browser.find("main h1"));
        browser.awaitText("main tbody", "m2");
    }

    @Test
    void the_keyboard_goes_everywhere() {
        bury("m1");
        bury("m2");
        bury("m3");
        browser.open(server, "#/overview");
        browser.awaitText("main", "Throughput");
        browser.press("?");
        browser.awaitText("dialog", "dead letters", "next, previous row");
        browser.press(Keys.ESCAPE);
        browser.press("/");
        browser.press("gd");
        assertThat(browser.find("#search").getDomProperty("value")).isEqualTo("gd");
        browser.clickOn("main");
        browser.press("g", "d");
        browser.awaitText("main", "1 group");
        browser.press("j");
        browser.awaitText("tr.current", "mail");
        browser.press(Keys.ENTER);
        browser.awaitText("main tbody", "m1");
        browser.press("j", "j", "j", "k");
        browser.awaitText("tr.current", "m2");
        browser.press("r");
        browser.awaitText("dialog", "Retry 1 dead letter?", "m2");
        browser.press(Keys.ESCAPE);
        browser.press("x", "k", "x");
        browser.awaitText("main", "2 selected");
        browser.press("r");
        browser.awaitText("dialog", "Retry 2 dead letters?");
        browser.press(Keys.ENTER);
        browser.awaitToast("Retried 2 dead letters");
        assertThat(redis.client().lrange(redis.key("dead"), 0, -1))
                .singleElement()
                .asString()
                .contains("m1");
        for (String[] page : new String[][] {
            {"o", "overview"}, {"t", "tasks"}, {"s", "scheduled"}, {"c", "crons"}, {"q", "queues"}, {"w", "workers"}
        }) {
            browser.press("g", page[0]);
            browser.until(page[1], () -> browser.hash().startsWith("#/" + page[1]));
        }
    }

    @Test
    void the_theme_is_turned_and_kept() {
        browser.prefer("light");
        browser.open(server, "#/overview");
        browser.awaitText("main", "Throughput");
        String light = background();
        browser.clickOn(".tools [title='Light or dark']");
        assertThat(background()).isEqualTo(light);
        browser.clickOn(".tools [title='Light or dark']");
        String dark = background();
        assertThat(dark).isNotEqualTo(light);
        browser.open(server, "#/overview");
        browser.awaitText("main", "Throughput");
        assertThat(background()).isEqualTo(dark);
        browser.clickOn(".tools [title='Light or dark']");
        assertThat(background()).isEqualTo(light);
    }

    private String background() {
        return (String) browser.run("return getComputedStyle(document.documentElement).backgroundColor");
    }

    @Test
    void a_command_is_copied() {
        browser.driver()
                .executeCdpCommand(
                        "Browser.grantPermissions",
                        Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
        browser.open(server, "#/dead");
        browser.clickOn("main .command button");
        browser.awaitToast("Copied: client.jar dead list");
    }
}
