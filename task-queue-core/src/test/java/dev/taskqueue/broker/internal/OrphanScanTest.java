package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.LogCapture;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All workers of a queue share one scan for orphaned processing lists. */
class OrphanScanTest {

    /** A turn in a quarter of it, so that no second one comes due within a test that counts turns. */
    private static final Duration LONG_LEASE = Duration.ofHours(1);

    private static final Duration SHORT_LEASE = Duration.ofSeconds(1);
    private static final String KEY = "gopher_tasks:orphans";

    private RedisProcess redis;
    private RedisBroker broker;

    @BeforeEach
    void start() {
        redis = RedisProcess.start("--appendonly", "no");
        broker = RedisBroker.at(redis.settings()).build();
        redis.command("LPUSH", "gopher_tasks:processing:lost", "{\"type\":\"t\"}");
    }

    @AfterEach
    void stop() {
        broker.close();
        redis.close();
    }

    private List<BrokerSession> sessions(int count, Duration lease) {
        return IntStream.range(0, count)
                .mapToObj(i -> BrokerEngine.of(broker).session("w" + i, lease))
                .toList();
    }

    private void populate(int keys) {
        redis.command("EVAL", "for i = 1, ARGV[1] do redis.call('SET', 'other:' .. i, 'x') end", "0", "" + keys);
    }

    private long scans() {
        Matcher calls = Pattern.compile("cmdstat_scan:calls=(\\d+)")
                .matcher(RedisProcess.text(redis.command("INFO", "commandstats")));
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }

    private List<String> registerOrphans(List<BrokerSession> sessions) {
        List<String> found = new ArrayList<>();
        sessions.forEach(session -> found.addAll(session.registerOrphans()));
        return found;
    }

    @Test
    void however_many_workers_look_the_keys_are_gone_through_once() {
        populate(1_000);
        List<String> found = registerOrphans(sessions(20, LONG_LEASE));
        assertThat(scans()).isBetween(1L, 6L);
        assertThat(found).containsExactly("lost");
    }

    @Test
    void the_scan_goes_on_where_another_worker_left_it() {
        populate(20_000);
        assertThat(registerOrphans(sessions(1, LONG_LEASE))).hasSizeLessThan(2);
        String[] state = RedisProcess.text(redis.command("GET", KEY)).split(" ");
        assertThat(state).hasSize(2);
        // As after a worker that stopped near the end.
        String cursor = "0";
        for (int i = 0; i < 35; i++) {
            cursor = RedisProcess.text(((List<?>) redis.command("SCAN", cursor, "COUNT", "500")).get(0));
        }
        redis.command("SET", KEY, "0 " + cursor);
        long before = scans();
        await().until(() -> {
            redis.command(
                    "SET", KEY, RedisProcess.text(redis.command("GET", KEY)).replaceFirst("^\\d+", "0"));
            registerOrphans(sessions(1, LONG_LEASE));
            return RedisProcess.text(redis.command("GET", KEY)).endsWith(" 0");
        });
        assertThat(scans() - before).isLessThanOrEqualTo(12);
    }

    @Test
    void a_turn_comes_due_again_for_whoever_asks_first() {
        List<BrokerSession> sessions = sessions(3, SHORT_LEASE);
        assertThat(registerOrphans(sessions)).containsExactly("lost");
        redis.command("LPUSH", "gopher_tasks:processing:later", "{\"type\":\"t\"}");
        await().until(() -> registerOrphans(sessions).equals(List.of("later")));
    }

    @Test
    void whatever_the_key_holds_orphans_are_found() {
        for (String text : List.of("", "x", "1 2 3", "99999999999999999 0", "0 99999999999999999999")) {
            redis.command("DEL", "gopher_tasks:workers");
            redis.command("SET", KEY, text);
            assertThat(registerOrphans(sessions(3, LONG_LEASE))).as(text).containsExactly("lost");
        }
    }

    @Test
    void a_key_of_a_wrong_type_makes_each_worker_look_by_itself_and_is_logged_once_by_each() {
        redis.command("LPUSH", KEY, "x");
        try (LogCapture log = new LogCapture(SharedScan.class)) {
            List<BrokerSession> sessions = sessions(2, LONG_LEASE);
            assertThat(registerOrphans(sessions)).containsExactly("lost");
            redis.command("DEL", "gopher_tasks:workers");
            assertThat(registerOrphans(sessions)).containsExactly("lost");
            assertThat(log.messages("")).hasSize(2);
        }
    }

    @Test
    void a_redis_that_is_full_is_left_alone() {
        redis.command("CONFIG", "SET", "maxmemory", "1");
        assertThat(registerOrphans(sessions(2, LONG_LEASE))).isEmpty();
        assertThat(scans()).isZero();
        redis.command("CONFIG", "SET", "maxmemory", "0");
        assertThat(registerOrphans(sessions(2, LONG_LEASE))).containsExactly("lost");
    }
}
