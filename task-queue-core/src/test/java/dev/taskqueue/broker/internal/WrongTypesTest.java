package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.testing.LogCapture;
import dev.taskqueue.testing.RedisServer;
import dev.taskqueue.worker.QuickWorkers;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A key that holds something else than it should is the trouble of what needs it, and of nothing else. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class WrongTypesTest extends BrokerFixture {

    WrongTypesTest(RedisServer server) {
        super(server);
    }

    private static Task keyed(int number, String key) {
        return Task.of("t", number).withIdempotencyKey(key);
    }

    private static List<Integer> numbers(List<Claim> claims) {
        return claims.stream()
                .map(claim -> claim.task().payload().tree().intValue())
                .toList();
    }

    private static Outcome success(Claim claim) {
        return new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty());
    }

    private void silence(String... workers) {
        for (String worker : workers) {
            redis.client().zadd(redis.key("workers"), 1, worker);
            redis.letBeSilent(worker, Duration.ofSeconds(30));
        }
    }

    @Test
    void an_idempotency_key_that_is_no_lock_is_told_and_the_others_are_taken() {
        redis.client().lpush(redis.key("idempotency:list"), "x");
        redis.client().set(redis.key("idempotency:text"), "x");
        broker.enqueueAll(List.of(keyed(1, "a"), keyed(2, "list"), keyed(3, "text"), keyed(4, "b")));
        List<Claim> claims = session.claim(9).claims();
        assertThat(session.begin(claims, () -> claims))
                .containsExactly(Lock.TAKEN, Lock.UNUSABLE, Lock.UNUSABLE, Lock.TAKEN);
    }

    @Test
    void a_task_with_such_a_key_is_buried_and_the_rest_runs() {
        redis.client().lpush(redis.key("idempotency:list"), "x");
        Task bad = keyed(2, "list");
        List<Task> good = List.of(keyed(1, "a"), Task.of("t", 3), keyed(4, "b"));
        try (Worker worker = QuickWorkers.of(broker).handler("t", task -> null).start()) {
            broker.enqueue(bad);
            broker.enqueueAll(good);
            await().until(() -> broker.stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(good)
                .allSatisfy(task -> assertThat(
                                broker.status(task.id()).orElseThrow().state())
                        .isEqualTo(TaskState.SUCCEEDED));
        assertThat(broker.status(bad.id()).orElseThrow().state()).isEqualTo(TaskState.DEAD);
        assertThat(redis.client().lindex(redis.key("dead"), 0)).contains("idempotency key");
    }

    @Test
    void a_lock_that_became_something_else_keeps_no_task_from_its_end() {
        broker.enqueueAll(List.of(keyed(1, "a"), keyed(2, "b")));
        List<Claim> claims = session.claim(9).claims();
        session.begin(claims, () -> claims);
        redis.client().del(redis.key("idempotency:a"));
        redis.client().lpush(redis.key("idempotency:a"), "x");
        assertThat(session.settle(claims.stream().map(WrongTypesTest::success).toList()))
                .containsExactly(Settled.YES, Settled.YES);
    }

    @Test
    void a_lane_of_a_wrong_type_does_not_keep_the_others_from_being_claimed() {
        broker.enqueue("t", 1);
        redis.client().set(redis.key("high"), "not a list");
        redis.client().lpush(redis.key("low"), "{\"type\":\"t\",\"payload\":2}");
        try (LogCapture log = new LogCapture(Claiming.class)) {
            assertThat(numbers(session.claim(9).claims())).containsExactly(1, 2);
            session.claim(9);
            assertThat(log.messages("lane")).hasSize(1);
        }
    }

    @Test
    void due_tasks_of_a_lane_of_a_wrong_type_go_to_the_normal_one() {
        redis.client().set(redis.key("low"), "not a list");
        redis.client().zadd(redis.key("scheduled"), 1, "{\"type\":\"t\",\"payload\":1}");
        redis.client().zadd(redis.key("scheduled"), 2, "{\"type\":\"t\",\"payload\":2,\"priority\":\"low\"}");
        redis.client().zadd(redis.key("scheduled"), 3, "{\"type\":\"t\",\"payload\":3}");
        session.promote(100);
        assertThat(numbers(session.claim(9).claims())).containsExactly(1, 2, 3);
    }

    @Test
    void due_tasks_that_cannot_be_moved_are_kept_and_are_not_in_the_way_of_others() {
        redis.client().set(redis.queue(), "not a list");
        for (int i = 0; i < 10; i++) {
            redis.client().zadd(redis.key("scheduled"), i, "{\"type\":\"t\",\"payload\":" + i + "}");
        }
        redis.client().zadd(redis.key("scheduled"), 50, "{\"type\":\"t\",\"payload\":50,\"priority\":\"high\"}");
        try (LogCapture log = new LogCapture(Promotion.class)) {
            assertThat(session.promote(5).orElseThrow()).isPositive();
            session.promote(5);
            session.promote(5);
            assertThat(log.messages("due task")).hasSize(1);
        }
        assertThat(numbers(session.claim(9).claims())).containsExactly(50);
        assertThat(redis.client().zcard(redis.key("scheduled"))).isEqualTo(10);
    }

    @Test
    void silent_workers_whose_list_is_none_do_not_hide_the_one_behind_them() {
        for (int i = 0; i < 70; i++) {
            redis.client().set(redis.key("processing:a" + i), "not a list");
            silence("a" + i);
        }
        IntStream.range(0, 70).forEach(i -> silence("empty" + i));
        silence("z");
        redis.client().lpush(redis.key("processing:z"), "{\"id\":\"1\",\"type\":\"t\"}");
        assertThat(session.recover().taskIds()).containsExactly("1");
    }

    @Test
    void a_task_whose_lane_is_of_a_wrong_type_comes_back_to_the_normal_one() {
        redis.client().set(redis.key("low"), "not a list");
        broker.enqueue("t", 0);
        silence("lost");
        redis.client()
                .rpush(
                        redis.key("processing:lost"),
                        "{\"id\":\"a\",\"type\":\"t\",\"payload\":1}",
                        "{\"id\":\"b\",\"type\":\"t\",\"payload\":2,\"priority\":\"low\"}",
                        "{\"id\":\"c\",\"type\":\"t\",\"payload\":3}");
        assertThat(session.recover().taskIds()).containsExactly("a", "b", "c");
        assertThat(numbers(session.claim(9).claims())).containsExactly(3, 2, 1, 0);
    }

    @Test
    void tasks_that_cannot_be_taken_back_stay_uncounted_and_the_others_come_back() {
        redis.client().set(redis.queue(), "not a list");
        silence("lost");
        List<String> held = new ArrayList<>();
        IntStream.range(0, 60).forEach(i -> held.add("{\"id\":\"n" + i + "\",\"type\":\"t\"}"));
        held.add("{\"id\":\"h\",\"type\":\"t\",\"priority\":\"high\"}");
        redis.client().rpush(redis.key("processing:lost"), held.toArray(String[]::new));
        assertThat(session.recover().taskIds()).containsExactly("h");
        assertThat(session.recover().size()).isZero();
        assertThat(redis.client().llen(redis.key("processing:lost"))).isEqualTo(60);
        assertThat(redis.client().keys(redis.key("recoveries:*"))).containsExactly(redis.key("recoveries:h"));
    }

    @Test
    void a_key_that_is_only_named_like_a_processing_list_is_passed_over() {
        redis.client().set(redis.key("processing:text"), "x");
        redis.client().lpush(redis.key("processing:list"), "{\"type\":\"t\"}");
        List<String> found = new ArrayList<>();
        await().until(() -> found.addAll(session.registerOrphans()));
        assertThat(found).containsExactly("list");
    }

    @Test
    void stats_and_status_count_what_can_be_counted() {
        String id = broker.enqueue("t", 1).id();
        redis.client().set(redis.key("low"), "x");
        redis.client().set(redis.key("dead"), "x");
        redis.client().set(redis.key("processing:w1"), "x");
        redis.client().lpush(redis.key("recoveries:" + id), "x");
        assertThat(broker.stats().normal()).isEqualTo(1);
        assertThat(broker.stats().low() + broker.stats().dead() + broker.stats().processing())
                .isZero();
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.PENDING);
    }

    @Test
    void an_outcome_that_cannot_be_written_ends_its_own_task_alone() {
        broker.enqueueAll(IntStream.range(0, 3).mapToObj(i -> keyed(i, "k" + i)).toList());
        List<Claim> claims = session.claim(9).claims();
        session.begin(claims, () -> claims);
        assertThat(session.settle(List.of(
                        success(claims.get(0)),
                        new Outcome.Retry(
                                claims.get(1),
                                claims.get(1).task(),
                                // No number of milliseconds can hold it.
                                Duration.ofSeconds(Long.MAX_VALUE),
                                Duration.ZERO),
                        new Outcome.Succeeded(claims.get(2), Duration.ZERO, Optional.of(RawJson.of("\ud83d"))))))
                .containsOnly(Settled.YES);
        assertThat(claims)
                .extracting(
                        claim -> broker.status(claim.task().id()).orElseThrow().state())
                .containsExactly(TaskState.SUCCEEDED, TaskState.DEAD, TaskState.SUCCEEDED);
        assertThat(redis.client().get(redis.key("idempotency:k1"))).isNull();
        assertThat(redis.client().get(redis.key("idempotency:k2")))
                .isEqualTo("done:" + claims.get(2).task().id());
    }

    @Test
    void a_task_of_high_priority_is_claimed_while_the_normal_lane_is_unusable() {
        redis.client().set(redis.queue(), "not a list");
        broker.enqueue(Task.of("t", 1).withPriority(Priority.HIGH));
        assertThat(numbers(session.claim(9).claims())).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"trial", "suspects"})
    void what_is_no_record_of_trials_is_set_aside_and_suspects_are_tried(String part) {
        redis.client().set(redis.key(part), "neither a hash nor a list");
        if (part.equals("trial")) {
            redis.client().rpush(redis.key("suspects"), "{\"id\":\"s\",\"type\":\"t\"}");
        }
        try (LogCapture log = new LogCapture(Trials.class);
                Worker worker = QuickWorkers.of(broker)
                        .lease(Duration.ofSeconds(1))
                        .handler("t", task -> null)
                        .start()) {
            broker.enqueue("t", 1);
            await().until(() -> !log.messages("set aside").isEmpty());
            redis.client().rpush(redis.key("suspects"), "{\"id\":\"later\",\"type\":\"t\"}");
            await().until(() -> broker.stats().unfinished() == 0 && worker.isReady());
            assertThat(log.messages("set aside")).hasSize(1);
        }
        assertThat(List.of("s", "later"))
                .filteredOn(id -> part.equals("trial") || id.equals("later"))
                .allSatisfy(id ->
                        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED));
        assertThat(redis.client().get(redis.key(part + ":unusable"))).isEqualTo("neither a hash nor a list");
        assertThat(redis.client().exists(redis.key("trial"))).isFalse();
    }

    /** Nothing that Jackson can write. */
    static final class Unwritable {

        public String getValue() {
            throw new IllegalStateException("no value");
        }
    }
}
