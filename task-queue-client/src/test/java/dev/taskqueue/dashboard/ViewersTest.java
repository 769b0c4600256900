package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Cron;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the page asks of Redis grows neither with its viewers nor with the queue's length. */
class ViewersTest {

    /** What each page asks for, again and again; {@code live} is a part of all. */
    private static final Map<String, List<String>> PAGES = new TreeMap<>(Map.of(
            "overview",
            List.of("live", "history?for=1h", "history?for=5m", "history?for=5m&types=true"),
            "tasks",
            List.of("live", "tasks?state=pending", "tasks?state=running", "tasks?state=retrying"),
            "finished",
            List.of("live", "recent?limit=200"),
            "task",
            List.of("live", "tasks/later", "tasks/later/entry", "tasks/later/why"),
            "dead",
            List.of("live", "dead/groups", "dead?type=t", "dead/d1"),
            "scheduled",
            List.of("live", "tasks?state=scheduled"),
            "crons",
            List.of("live", "crons"),
            "queues",
            List.of("live", "queues"),
            "workers",
            List.of("live", "workers", "doctor")));

    /** What a connection says of itself, and what this test asks. */
    private static final Set<String> NOT_COUNTED =
            Set.of("client|setname", "client|setinfo", "client", "hello", "ping", "info");

    private RedisProcess redis;
    private RedisBroker broker;

    @BeforeEach
    void open() {
        redis = RedisProcess.start("--appendonly", "no");
        broker = RedisBroker.at(redis.settings()).build();
        broker.enqueue(Task.of("t", 1).withId("later").in(Duration.ofHours(1)));
        broker.crons().put(Cron.of("nightly", "@daily", "t", 1));
        fill(1);
        // Scripts are loaded when they are first run.
        PAGES.keySet().forEach(page -> costOf(page, 1));
    }

    @AfterEach
    void close() {
        broker.close();
        redis.close();
    }

    private void fill(int thousands) {
        for (int i = 0; i < thousands; i++) {
            List<String> ready = new ArrayList<>(List.of("LPUSH", "gopher_tasks"));
            List<String> dead = new ArrayList<>(List.of("LPUSH", "gopher_tasks:dead"));
            for (int j = 0; j < 1_000; j++) {
                String id = "\"id\":\"" + i + "-" + j + "\",\"type\":\"t\"";
                ready.add("{" + id + "}");
                dead.add("{" + id + ",\"last_error\":\"java.io.IOException: " + j
                        + "\",\"reason\":\"retries exhausted\",\"died_at\":1000}");
            }
            dead.add("{\"id\":\"d1\",\"type\":\"t\",\"reason\":\"r\",\"died_at\":1000}");
            redis.command(ready.toArray(String[]::new));
            redis.command(dead.toArray(String[]::new));
        }
    }

    private Map<String, Long> calls() {
        Map<String, Long> calls = new TreeMap<>();
        RedisProcess.text(redis.command("INFO", "commandstats"))
                .lines()
                .filter(line -> line.startsWith("cmdstat_"))
                .forEach(line -> {
                    String name = line.substring("cmdstat_".length(), line.indexOf(':'));
                    if (!NOT_COUNTED.contains(name)) {
                        calls.put(name, Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")));
                    }
                });
        return calls;
    }

    /** What Redis is asked, within scripts too, while viewers look at a page within one moment. */
    private Map<String, Long> costOf(String page, int viewers) {
        Map<String, Long> before = calls();
        try (TestDashboard server = TestDashboard.serve(Dashboard.of(broker).sharingClock(() -> 0))) {
            IntStream.range(0, viewers)
                    .mapToObj(viewer -> CompletableFuture.runAsync(() -> PAGES.get(page)
                            .forEach(path -> assertThat(
                                            server.get("/api/" + path).status())
                                    .as(path)
                                    .isEqualTo(200))))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
        Map<String, Long> cost = new TreeMap<>();
        calls().forEach((name, count) -> {
            long asked = count - before.getOrDefault(name, 0L);
            if (asked > 0) {
                cost.put(name, asked);
            }
        });
        return cost;
    }

    @Test
    void fifty_viewers_of_a_page_cost_what_one_costs() {
        PAGES.keySet().forEach(page -> {
            Map<String, Long> one = costOf(page, 1);
            assertThat(costOf(page, 50)).as(page).isEqualTo(one);
            assertThat(one.values().stream().mapToLong(Long::longValue).sum())
                    .as(page + " " + one)
                    .isBetween(1L, 1_000L);
        });
    }

    @Test
    void a_queue_of_a_hundred_thousand_tasks_and_as_many_dead_costs_what_a_shorter_one_costs() {
        fill(19);
        Map<String, Map<String, Long>> shorter = new TreeMap<>();
        PAGES.keySet().forEach(page -> shorter.put(page, costOf(page, 1)));
        fill(80);
        assertThat(broker.stats().ready()).isEqualTo(100_000);
        assertThat(broker.stats().dead()).isGreaterThan(100_000);
        PAGES.keySet().forEach(page -> assertThat(costOf(page, 1)).as(page).isEqualTo(shorter.get(page)));
    }

    @Test
    void while_nobody_looks_nothing_is_asked() throws Exception {
        try (TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            assertThat(server.get("/api/live").status()).isEqualTo(200);
            Map<String, Long> before = calls();
            // There is nothing to be awaited: longer than whatever would be asked each second.
            Thread.sleep(2_500);
            assertThat(calls()).isEqualTo(before);
        }
    }
}
