package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a page that is looked at asks of the server. */
class PageCostIT {

    private static final Logger LOG = LoggerFactory.getLogger("dev.taskqueue.testing.PageCost");

    private static final int SNAPSHOTS = 10;

    @RegisterExtension
    final Browser browser = new Browser();

    @Test
    void each_page_asks_for_one_snapshot_a_second_and_little_more() {
        try (BusyQueues queues = new BusyQueues()) {
            browser.open(queues.dashboard(), "#/overview");
            for (String page :
                    List.of("overview", "tasks", "dead", "dead?all=true", "scheduled", "crons", "queues", "workers")) {
                browser.go("#/" + page);
                browser.awaitNoText("main", "Loading");
                browser.log().clear();
                browser.until("snapshots", () -> asked("/api/live") >= SNAPSHOTS);
                long all = asked("");
                long snapshots = asked("/api/live");
                LOG.info("#/{} asks {} times for {} snapshots, of two queues", page, all, snapshots);
                assertThat(all).as(page).isLessThanOrEqualTo(3 * snapshots);
            }
            browser.leave();
        }
    }

    private long asked(String path) {
        return browser.log().requests().stream()
                .filter(url -> url.contains(path))
                .count();
    }
}
