package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.FinishedTask;
import dev.taskqueue.HistoryMinute;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BeatReport;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What became of tasks is counted by type and outcome: whatever was told, whatever stands there, and bounded. */
class HistoryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration HOUR = Duration.ofHours(1);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private static long total(RedisBroker of, String type, TaskState state) {
        return of.history(HOUR).stream()
                .mapToLong(
                        minute -> minute.counts().getOrDefault(type, Map.of()).getOrDefault(state, 0L))
                .sum();
    }

    private static long total(RedisBroker of, TaskState state) {
        return of.history(HOUR).stream()
                .mapToLong(minute -> minute.total(state))
                .sum();
    }

    /** The last counts are told as the worker leaves. */
    @Test
    void counts_each_outcome_by_type() throws Exception {
        Instant before = Instant.now().minusSeconds(60);
        CountDownLatch finish = new CountDownLatch(1);
        try (Worker worker = QuickWorkers.of(broker)
                .retryPolicy((task, failure) -> Duration.ZERO)
                .unknownTypeGrace(Duration.ZERO)
                .handler("a|b", task -> null)
                .handler("fails", task -> {
                    throw new IllegalStateException("again");
                })
                .handler("dies", task -> {
                    throw new PermanentFailureException("never");
                })
                .handler("waits", task -> finish.await(1, TimeUnit.MINUTES))
                .start()) {
            broker.enqueueAll(
                    IntStream.range(0, 50).mapToObj(i -> Task.of("a|b", i)).toList());
            broker.enqueue(Task.of("fails", 1).withMaxRetries(2));
            broker.enqueue(Task.of("dies", 1));
            broker.enqueue(Task.of("a|b", 1).withIdempotencyKey("k"));
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            broker.enqueue(Task.of("a|b", 1).withIdempotencyKey("k"));
            redis.client().lpush(redis.queue(), "{\"type\":\"a|b\",\"expires_at\":1}");
            broker.enqueue(Task.of("unheard of", 1));
            broker.enqueue(Task.of("waits", 1).withId("cancelled"));
            await().atMost(PATIENCE).until(() -> broker.stats().processing() == 1);
            broker.cancel("cancelled");
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        Map<String, Map<TaskState, Long>> all = new TreeMap<>();
        List<HistoryMinute> minutes = broker.history(HOUR);
        minutes.forEach(minute -> minute.counts()
                .forEach((type, counts) -> counts.forEach((state, count) ->
                        all.computeIfAbsent(type, key -> new TreeMap<>()).merge(state, count, Long::sum))));
        assertThat(all)
                .isEqualTo(Map.of(
                        "a|b",
                        Map.of(TaskState.SUCCEEDED, 51L, TaskState.DUPLICATE, 1L, TaskState.EXPIRED, 1L),
                        "fails",
                        Map.of(TaskState.RETRYING, 2L, TaskState.DEAD, 1L),
                        "dies",
                        Map.of(TaskState.DEAD, 1L),
                        HistoryMinute.OTHER,
                        Map.of(TaskState.DEAD, 1L),
                        "waits",
                        Map.of(TaskState.CANCELLED, 1L)));
        assertThat(minutes).isNotEmpty().allSatisfy(minute -> {
            assertThat(minute.minute()).isAfter(before.minusSeconds(60)).isBefore(Instant.now());
            assertThat(minute.minute().getEpochSecond() % 60).isZero();
        });
        assertThat(broker.recent(1_000)).hasSize(57).first().satisfies(last -> {
            assertThat(last.id()).isEqualTo("cancelled");
            assertThat(last.type()).isEqualTo("waits");
            assertThat(last.state()).isEqualTo(TaskState.CANCELLED);
            assertThat(last.finishedAt()).isAfter(before);
        });
        assertThat(broker.recent(1)).hasSize(1);
        assertThat(redis.client().keys(redis.key("history:*")))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(redis.client().pttl(key)).isBetween(1L, 48 * 3_600_000L + 60_000));
    }

    @Test
    void sums_match_through_lost_connections_and_a_full_redis() {
        try (RedisProcess server = RedisProcess.start();
                RedisBroker there = RedisBroker.at(server.settings()).build()) {
            CountDownLatch finish = new CountDownLatch(1);
            try (Worker worker = QuickWorkers.of(there)
                    .lease(Duration.ofSeconds(2))
                    .handler("t", task -> null)
                    .handler("waits", task -> finish.await(1, TimeUnit.MINUTES))
                    .start()) {
                for (int i = 0; i < 3; i++) {
                    try (RedisBroker producer =
                            RedisBroker.at(server.settings()).build()) {
                        producer.enqueueAll(IntStream.range(0, 100)
                                .mapToObj(n -> Task.of("t", n))
                                .toList());
                        await().atMost(PATIENCE).until(() -> producer.stats().unfinished() == 0);
                    }
                    server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                }
                await().atMost(PATIENCE).ignoreExceptions().until(() -> total(there, TaskState.SUCCEEDED) == 300);
                IntStream.range(0, 5).forEach(i -> there.enqueue("waits", i));
                await().atMost(PATIENCE).until(() -> there.stats().processing() == 5);
                server.command("CONFIG", "SET", "maxmemory", "1");
                finish.countDown();
                await().atMost(PATIENCE).until(() -> there.stats().processing() == 0);
                Instant full = there.workers().get(0).asOf();
                await().atMost(PATIENCE)
                        .until(() -> there.workers().get(0).lastBeat().isAfter(full.plusSeconds(1)));
                assertThat(total(there, TaskState.SUCCEEDED)).isEqualTo(300);
                server.command("CONFIG", "SET", "maxmemory", "0");
                await().atMost(PATIENCE).until(() -> total(there, "waits", TaskState.SUCCEEDED) == 5);
                await().atMost(PATIENCE).until(worker::isReady);
            }
            assertThat(total(there, TaskState.SUCCEEDED)).isEqualTo(305);
            assertThat(there.recent(1_000)).hasSize(305);
        }
    }

    @Test
    void what_was_told_in_vain_is_told_again() {
        OutcomeTally tally = new OutcomeTally(Set.of("t"), () -> 7);
        tally.add("one", "t", TaskState.SUCCEEDED);
        assertThat(tally.snapshot()).isEqualTo(tally.snapshot());
        OutcomeTally.Snapshot first = tally.snapshot();
        assertThat(first.counts()).containsExactly(new BeatReport.Count("t", TaskState.SUCCEEDED, 1));
        assertThat(first.finished())
                .containsExactly(new FinishedTask("one", "t", TaskState.SUCCEEDED, Instant.ofEpochMilli(7)));
        tally.add("two", "t", TaskState.SUCCEEDED);
        tally.told(first);
        OutcomeTally.Snapshot second = tally.snapshot();
        assertThat(second.counts()).isEqualTo(first.counts());
        assertThat(second.finished()).extracting(FinishedTask::id).containsExactly("two");
        tally.told(second);
        assertThat(tally.snapshot().counts()).isEmpty();
        assertThat(tally.snapshot().finished()).isEmpty();
    }

    @Test
    void types_and_ended_tasks_are_kept_in_bounded_number() {
        Set<String> types =
                Set.copyOf(IntStream.range(0, 300).mapToObj(i -> "t" + i).toList());
        OutcomeTally tally = new OutcomeTally(types, () -> 7);
        for (int i = 0; i < 3_000; i++) {
            tally.add("id" + i, "t" + i % 300, TaskState.SUCCEEDED);
            tally.add("no", "unheard of " + i, TaskState.RETRYING);
        }
        OutcomeTally.Snapshot all = tally.snapshot();
        assertThat(all.counts()).hasSize(202);
        assertThat(all.counts())
                .contains(
                        new BeatReport.Count(HistoryMinute.OTHER, TaskState.SUCCEEDED, 1_000),
                        new BeatReport.Count(HistoryMinute.OTHER, TaskState.RETRYING, 3_000));
        assertThat(all.finished())
                .hasSize(1_000)
                .first()
                .extracting(FinishedTask::id)
                .isEqualTo("id2000");
    }

    @Test
    void as_much_as_a_worker_can_tell_is_read_in_pages() {
        BrokerSession session = BrokerEngine.of(broker).session("w", Duration.ofSeconds(30));
        OutcomeTally tally = new OutcomeTally(
                Set.copyOf(IntStream.range(0, 200)
                        .mapToObj(i -> "\u0001".repeat(120) + i)
                        .toList()),
                () -> 7);
        for (int i = 0; i < 200; i++) {
            for (TaskState state : TaskState.values()) {
                tally.add("\u0002".repeat(128), "\u0001".repeat(120) + i, state);
            }
        }
        session.beat(
                new BeatReport(null, tally.snapshot().counts(), tally.snapshot().finished()));
        assertThat(total(broker, TaskState.DEAD)).isEqualTo(200);
        assertThat(broker.recent(1_000)).hasSize(1_000);
        String minute = redis.client().keys(redis.key("history:*")).iterator().next();
        long number = Long.parseLong(minute.substring(minute.lastIndexOf(':') + 1));
        for (int i = 1; i <= 2_880; i++) {
            redis.client().hset(redis.key("history:" + (number - i)), "old|dead", "1");
        }
        assertThat(broker.history(Duration.ofHours(48)))
                .hasSizeBetween(2_880, 2_881)
                .isSortedAccordingTo((a, b) -> a.minute().compareTo(b.minute()));
        assertThat(broker.history(Duration.ofMinutes(10))).hasSizeBetween(10, 11);
    }

    @Test
    void whatever_else_stands_there_is_passed_over() {
        beat(new BeatReport.Count("t", TaskState.DEAD, 1));
        String minute = redis.client().keys(redis.key("history:*")).iterator().next();
        long number = Long.parseLong(minute.substring(minute.lastIndexOf(':') + 1));
        redis.client()
                .hset(
                        minute,
                        Map.of(
                                "no bar",
                                "1",
                                "|dead",
                                "1",
                                "t|undead",
                                "1",
                                "u|dead",
                                "x",
                                "v|dead",
                                "-3",
                                "w|dead",
                                "9".repeat(30)));
        redis.client().hset(minute, "x".repeat(100_000) + "|dead", "1");
        redis.client().hset(minute, "t|succeeded", "not a number");
        redis.client().set(redis.key("history:" + (number - 1)), "no hash");
        redis.client()
                .lpush(
                        redis.key("recent"),
                        "no JSON",
                        "[]",
                        "null",
                        "{}",
                        "x".repeat(1 << 20),
                        "{\"id\":\"i\",\"at\":1,\"state\":\"x\"}");
        beat(new BeatReport.Count("t", TaskState.SUCCEEDED, 1), new BeatReport.Count("t", TaskState.DEAD, 1));
        assertThat(total(broker, "t", TaskState.DEAD)).isEqualTo(2);
        assertThat(total(broker, TaskState.DEAD)).isEqualTo(2);
        assertThat(broker.recent(1_000)).extracting(FinishedTask::id).containsExactly("one", "one");
        redis.client().del(redis.key("recent"));
        redis.client().set(redis.key("recent"), "no list");
        beat(new BeatReport.Count("t", TaskState.DEAD, 1));
        assertThat(broker.recent(1_000)).isEmpty();
        assertThat(total(broker, TaskState.DEAD)).isEqualTo(3);
        assertThatThrownBy(() -> broker.history(Duration.ofHours(49))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> broker.recent(1_001)).isInstanceOf(IllegalArgumentException.class);
    }

    private void beat(BeatReport.Count... counts) {
        BrokerEngine.of(broker)
                .session("w", Duration.ofSeconds(30))
                .beat(new BeatReport(
                        null, List.of(counts), List.of(new FinishedTask("one", "t", TaskState.DEAD, Instant.EPOCH))));
    }
}
