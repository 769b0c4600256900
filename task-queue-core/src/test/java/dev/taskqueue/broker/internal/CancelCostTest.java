package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cancellation;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.TestCluster;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Where nothing is cancelled, that tasks can be costs not one command; where they are, all keys share the queue's slot. */
class CancelCostTest {

    private static final Duration LEASE = Duration.ofSeconds(30);

    /** The calls of each command that the requests cause. */
    private static Map<String, Integer> calls(RedisProcess redis, Runnable requests) {
        redis.command("CONFIG", "RESETSTAT");
        requests.run();
        Map<String, Integer> calls = new TreeMap<>();
        Pattern.compile("cmdstat_([a-z]+):calls=(\\d+)")
                .matcher(RedisProcess.text(redis.command("INFO", "commandstats")))
                .results()
                .forEach((MatchResult match) -> calls.put(match.group(1), Integer.parseInt(match.group(2))));
        calls.keySet().removeAll(List.of("config", "info"));
        return calls;
    }

    @Test
    void a_claim_a_wait_a_look_and_a_beat_take_no_command_more_than_without() {
        try (RedisProcess redis = RedisProcess.start("--appendonly", "no");
                RedisBroker broker = RedisBroker.at(redis.settings()).build()) {
            BrokerSession session = BrokerEngine.of(broker).session("w1", LEASE);
            broker.enqueueAll(
                    IntStream.range(0, 20).mapToObj(i -> Task.of("t", i)).toList());
            session.claim(1);
            session.awaitClaim(Duration.ofSeconds(1));
            session.promote(1);
            session.beat();
            assertThat(calls(redis, () -> session.awaitClaim(Duration.ofSeconds(1))))
                    .isEqualTo(Map.of("blmove", 1, "exists", 1));
            assertThat(calls(redis, () -> session.claim(5)).get("exists")).isEqualTo(2);
            assertThat(calls(redis, () -> session.promote(1))).isEqualTo(Map.of("evalsha", 1, "exists", 1));
            assertThat(calls(redis, session::beat))
                    .isEqualTo(Map.of("evalsha", 1, "persist", 1, "get", 1, "time", 1, "zadd", 1, "exists", 2));
        }
    }

    @Test
    void a_worker_asks_for_no_tombstone_until_there_is_one() throws Exception {
        try (RedisProcess redis = RedisProcess.start("--appendonly", "no");
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                Worker worker = Worker.of(broker)
                        .concurrency(2)
                        .handler("t", task -> null)
                        .start()) {
            await().until(worker::isReady);
            for (int i = 0; i < 200; i++) {
                broker.enqueue("t", i);
            }
            broker.enqueue(Task.of("t", 1).in(Duration.ofMillis(1_500)));
            await().atMost(Duration.ofSeconds(30)).until(() -> broker.stats().unfinished() == 0);
            for (Script script : List.of(Script.CANCELLED, Script.TRIM_CANCELLED)) {
                assertThat(redis.command("SCRIPT", "EXISTS", Bytes.text(script.sha())))
                        .isEqualTo(List.of(0L));
            }
        }
    }

    @Test
    void works_in_a_cluster() throws Exception {
        try (TestCluster cluster = TestCluster.start();
                RedisBroker broker = RedisBroker.at(
                                RedisSettings.at(cluster.addresses()).cluster().build())
                        .build()) {
            Task scheduled = Task.of("t", 1).in(Duration.ofHours(1)).withIdempotencyKey("k");
            Task claimed = Task.of("t", 2);
            broker.enqueueAll(List.of(claimed, scheduled));
            BrokerSession session = BrokerEngine.of(broker).session("w1", LEASE);
            session.beat();
            List<Claim> claims = session.claim(1).claims();
            assertThat(broker.cancel(scheduled.id(), "why")).isEqualTo(Cancellation.REMOVED);
            assertThat(broker.cancel(claimed.id(), "why")).isEqualTo(Cancellation.REQUESTED);
            assertThat(broker.cancel("nobody", "why")).isEqualTo(Cancellation.UNKNOWN);
            session.findCancelled(claims);
            assertThat(claims.get(0).cancelReason()).isEqualTo("why");
            session.promote(1);
            assertThat(session.anyCancelled()).isTrue();
            session.trimCancelled("0");
        }
    }
}
