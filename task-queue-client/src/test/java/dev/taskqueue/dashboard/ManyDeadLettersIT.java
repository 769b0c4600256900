package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Pipeline;

/** A night in which 100,000 tasks died: the page still answers a click. */
class ManyDeadLettersIT {

    private static final Logger LOG = LoggerFactory.getLogger("dev.taskqueue.testing.ManyDeadLetters");

    private static final int LETTERS = 100_000;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @RegisterExtension
    final Browser browser = new Browser();

    @Test
    void are_grouped_listed_and_counted() {
        try (Pipeline pipeline = redis.client().pipelined()) {
            for (int i = 0; i < LETTERS; i++) {
                pipeline.lpush(
                        redis.key("dead"),
                        "{\"id\":\"01a215b5-790a-7613-b05b-" + String.format("%012d", i) + "\",\"type\":\""
                                + (i % 7 == 0 ? "invoice" : "mail")
                                + "\",\"payload\":{\"to\":\"ada@example.com\",\"n\":" + i
                                + "},\"reason\":\"retries exhausted\",\"last_error\":\"java.net.ConnectException: refused\",\"retry\":3,\"max_retries\":3,\"died_at\":"
                                + (1_700_000_000_000L + i) + "}");
                if (i % 5_000 == 0) {
                    pipeline.sync();
                }
            }
        }
        try (RedisBroker broker = redis.broker();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            browser.open(server, "#/overview");
            browser.awaitText("main .figures", "100,000");
            measured("groups", () -> {
                browser.clickOn("header a[href='#/dead']");
                browser.awaitText("main tbody", "invoice", "ConnectException");
            });
            browser.awaitText("main .pager", "2 groups of the newest 10,000 letters; older ones were not looked at");
            measured("letters", () -> {
                browser.click("main", "Letters");
                browser.awaitText("main .pager", "100 shown");
            });
            measured("next page", () -> {
                browser.click("main .pager", "Next page");
                browser.awaitText("main tbody", "000000099899");
            });
            browser.go("#/dead");
            measured("how many a group's filter fits", () -> {
                browser.click("main tbody tr:last-child", "Delete");
                browser.awaitText("dialog", "Delete 14,286 dead letters?");
            });
            browser.click("dialog", "Back");
            assertThat(redis.client().llen(redis.key("dead"))).isEqualTo(LETTERS);
            browser.leave();
        }
    }

    private static void measured(String what, Runnable deed) {
        long start = System.nanoTime();
        deed.run();
        LOG.info("{} shown after {} ms", what, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
}
