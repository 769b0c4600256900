package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Priority;
import dev.taskqueue.QueueStats;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskOptions;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The broker's moves, one by one, checked on Redis' own keys. */
class RedisBrokerTest extends BrokerFixture {

    private Claim claimOne() {
        List<Claim> claims = session.claim(1).claims();
        assertThat(claims).hasSize(1);
        return claims.get(0);
    }

    private static Outcome.Succeeded success(Claim claim) {
        return new Outcome.Succeeded(claim, Duration.ofMillis(5), Optional.empty());
    }

    private long held() {
        return redis.client().llen(redis.key("processing:w1"));
    }

    @Test
    void enqueue_writes_one_entry_and_a_pending_status() {
        Task task = Task.of("t", List.of());
        broker.enqueue(task);
        assertThat(redis.client().lrange(redis.queue(), 0, -1))
                .containsExactly("{\"id\":\"" + task.id() + "\",\"type\":\"t\",\"payload\":[],\"retry\":0,"
                        + "\"max_retries\":3,\"created_at\":" + task.history().createdAtMillis() + "}");
        assertThat(redis.client().get(redis.key("task:" + task.id())))
                .isEqualTo("{\"state\":\"pending\",\"type\":\"t\"}");
        assertThat(redis.client().ttl(redis.key("task:" + task.id()))).isEqualTo(-1);
    }

    @Test
    void without_tracking_no_status_is_ever_written() {
        try (RedisBroker untracked =
                redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build()) {
            BrokerSession worker = BrokerEngine.of(untracked).session("w2", LEASE);
            untracked.enqueue("t", 1);
            untracked.enqueue(Task.of("t", 1).withPriority(Priority.LOW));
            worker.settle(worker.claim(10).claims().stream()
                    .map(RedisBrokerTest::success)
                    .toList());
        }
        assertThat(redis.client().keys(redis.key("task:*"))).isEmpty();
    }

    @Test
    void a_task_for_another_lane_goes_onto_the_normal_one_while_that_is_empty() {
        broker.enqueue(Task.of("t", 1).withPriority(Priority.HIGH));
        broker.enqueue(Task.of("t", 2).withPriority(Priority.HIGH));
        broker.enqueue(Task.of("t", 3).withPriority(Priority.LOW));
        QueueStats stats = broker.stats();
        assertThat(stats)
                .isEqualTo(new QueueStats(
                        redis.queue(),
                        1,
                        1,
                        1,
                        0,
                        0,
                        0,
                        0,
                        0,
                        1,
                        Optional.empty(),
                        stats.oldestReady(),
                        Optional.empty(),
                        0));
    }

    @Test
    void a_large_batch_keeps_its_order() {
        List<Task> tasks =
                IntStream.range(0, 1_201).mapToObj(i -> Task.of("t", i)).toList();
        broker.enqueueAll(tasks);
        List<Integer> order = session.claim(2_000).claims().stream()
                .map(claim -> claim.task().payload().tree().intValue())
                .toList();
        assertThat(order).isEqualTo(IntStream.range(0, 1_201).boxed().toList());
    }

    @Test
    void an_enqueue_that_redis_refuses_says_that_nothing_was_accepted() {
        redis.client().set(redis.queue(), "not a list");
        assertThatThrownBy(() -> broker.enqueue("t", 1))
                .isInstanceOf(BrokerUnavailableException.class)
                .isNotInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("WRONGTYPE");
    }

    @Test
    void a_batch_that_redis_stops_in_the_middle_tells_how_far_it_came() {
        redis.client().set(redis.key("high"), "not a list");
        Task first = Task.of("t", 1);
        assertThatThrownBy(() ->
                        broker.enqueueAll(List.of(first, Task.of("t", 2).withPriority(Priority.HIGH), Task.of("t", 3))))
                .isInstanceOfSatisfying(OutcomeUnknownException.class, e -> {
                    assertThat(e.accepted()).isEqualTo(1);
                    assertThat(e.acceptedIds()).containsExactly(first.id());
                    assertThat(e.taskIds()).isEmpty();
                });
        assertThat(redis.client().llen(redis.queue())).isEqualTo(1);
    }

    @Test
    void a_claim_moves_the_entry_into_the_processing_list() {
        broker.enqueue("t", 1);
        claimOne();
        assertThat(held()).isEqualTo(1);
        assertThat(broker.stats().ready()).isZero();
        assertThat(broker.stats().processing()).isEqualTo(1);
    }

    @Test
    void settling_a_success_clears_every_trace_but_the_status_and_the_key() {
        String id = broker.enqueue(Task.of("t", 1).withIdempotencyKey("k")).id();
        Claim claim = claimOne();
        assertThat(session.begin(List.of(claim), List::of)).containsExactly(Lock.TAKEN);
        assertThat(session.settle(List.of(success(claim)))).containsExactly(Settled.YES);
        assertThat(redis.client().keys(redis.queue() + "*"))
                .containsExactlyInAnyOrder(
                        redis.key("workers"), redis.key("format"), redis.key("task:" + id), redis.key("idempotency:k"));
        assertThat(redis.client().get(redis.key("idempotency:k"))).isEqualTo("done:" + id);
    }

    @Test
    void settling_twice_changes_nothing() {
        broker.enqueue("t", 1);
        Claim claim = claimOne();
        Outcome dead = new Outcome.Dead(claim, claim.task(), "why", Duration.ZERO);
        assertThat(session.settle(List.of(dead))).containsExactly(Settled.YES);
        assertThat(session.settle(List.of(dead))).containsExactly(Settled.STALE);
        assertThat(broker.stats().dead()).isEqualTo(1);
    }

    @Test
    void an_outcome_that_redis_refuses_leaves_the_task_where_it_is() {
        broker.enqueue("t", 1);
        Claim claim = claimOne();
        redis.client().set(redis.key("scheduled"), "not a set");
        Outcome retry = new Outcome.Retry(claim, claim.task().withFailure("x"), Duration.ZERO, Duration.ofMillis(5));
        assertThat(session.settle(List.of(retry))).containsExactly(Settled.REFUSED);
        assertThat(held()).isEqualTo(1);
        redis.client().del(redis.key("scheduled"));
        assertThat(session.settle(List.of(retry))).containsExactly(Settled.YES);
        assertThat(broker.stats().scheduled()).isEqualTo(1);
    }

    @Test
    void two_equal_entries_are_both_kept_when_they_are_scheduled() {
        String text = "{\"id\":\"same\",\"type\":\"t\"}";
        redis.client().lpush(redis.queue(), text, text);
        List<Claim> claims = session.claim(2).claims();
        session.settle(claims.stream()
                .map(claim -> new Outcome.Deferred(claim, Duration.ZERO))
                .toList());
        assertThat(broker.stats().scheduled()).isEqualTo(2);
    }

    @Test
    void released_tasks_are_taken_next() {
        IntStream.range(0, 3).forEach(i -> broker.enqueue("t", i));
        List<Claim> claims = session.claim(2).claims();
        session.settle(List.of(new Outcome.Released(claims.get(1)), new Outcome.Released(claims.get(0))));
        assertThat(session.claim(3).claims())
                .extracting(claim -> claim.task().payload().tree().intValue())
                .containsExactly(0, 1, 2);
    }

    @Test
    void promotes_what_is_due_to_its_lane_and_tells_when_the_next_is() {
        IntStream.range(0, 3).forEach(i -> broker.enqueue(Task.of("t", i).withPriority(Priority.LOW)));
        List<Claim> claims = session.claim(3).claims();
        session.settle(List.of(
                new Outcome.Deferred(claims.get(0), Duration.ZERO),
                new Outcome.Deferred(claims.get(1), Duration.ZERO),
                new Outcome.Deferred(claims.get(2), Duration.ofHours(1))));
        assertThat(session.promote(100)).contains(Duration.ZERO);
        assertThat(broker.stats().normal()).isEqualTo(1);
        assertThat(broker.stats().low()).isEqualTo(1);
        assertThat(session.promote(100).orElseThrow()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
        redis.client().del(redis.key("scheduled"));
        assertThat(session.promote(100)).isEmpty();
    }

    @Test
    void a_script_is_loaded_again_after_redis_forgot_it() {
        broker.enqueue("t", 1);
        redis.client().scriptFlush();
        broker.enqueue("t", 2);
        assertThat(session.claim(5).claims()).hasSize(2);
    }

    @Test
    void adopts_what_no_thread_holds_and_only_that() {
        IntStream.range(0, 3).forEach(i -> broker.enqueue("t", i));
        List<Claim> claims = session.claim(3).claims();
        assertThat(session.adopt(claims).claims()).isEmpty();
        assertThat(session.adopt(claims.subList(0, 1)).claims())
                .extracting(claim -> claim.task().payload().tree().intValue())
                .containsExactly(1, 2);
    }

    @Test
    void a_bare_push_is_given_its_id_in_place() {
        redis.client().lpush(redis.queue(), "{\"type\":\"t\"}", "{\"type\":\"t\"}");
        List<Claim> claims = session.claim(2).claims();
        assertThat(redis.client().lrange(redis.key("processing:w1"), 0, -1))
                .hasSize(2)
                .allMatch(entry -> claims.stream()
                        .anyMatch(claim -> entry.contains(claim.task().id())));
        assertThat(session.settle(claims.stream().map(RedisBrokerTest::success).toList()))
                .containsExactly(Settled.YES, Settled.YES);
        assertThat(held()).isZero();
    }

    @Test
    void a_task_that_does_not_say_gets_the_default_number_of_retries_and_any_other_keeps_its_own() {
        try (RedisBroker patient = redis.brokerBuilder().defaultMaxRetries(7).build()) {
            redis.client().lpush(redis.queue(), "{\"type\":\"t\"}", "{\"type\":\"t\",\"max_retries\":null}");
            patient.enqueue("t", null);
            patient.enqueue(Task.of("t", null));
            redis.client().lpush(redis.queue(), "{\"type\":\"t\",\"max_retries\":0}");
            assertThat(BrokerEngine.of(patient).session("w2", LEASE).claim(9).claims())
                    .extracting(claim -> claim.task().maxRetries())
                    .containsExactly(7, 7, 7, TaskOptions.DEFAULT_MAX_RETRIES, 0);
            // A bare push carries its number from its first claim on, whatever the next worker's default is.
            assertThat(redis.client().lindex(redis.key("processing:w2"), -1)).contains("\"max_retries\":7");
            assertThat(patient.parse("{\"type\":\"t\"}").maxRetries()).isEqualTo(7);
        }
        assertThatThrownBy(() -> redis.brokerBuilder().defaultMaxRetries(10_001))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("defaultMaxRetries is 10001; allowed is 0 to 10000");
    }

    @Test
    void enqueueing_a_finished_task_again_keeps_its_new_status_from_expiring() {
        Task task = Task.of("t", 1);
        broker.enqueue(task);
        session.settle(List.of(success(claimOne())));
        assertThat(redis.client().ttl(redis.key("task:" + task.id()))).isPositive();
        broker.enqueue(task);
        assertThat(redis.client().ttl(redis.key("task:" + task.id()))).isEqualTo(-1);
        assertThat(broker.status(task.id()).orElseThrow().state()).isEqualTo(TaskState.PENDING);
    }

    @Test
    void a_task_that_succeeded_under_its_key_stays_succeeded_when_it_comes_again() {
        Task task = Task.of("t", 1).withIdempotencyKey("k");
        broker.enqueue(task);
        Claim first = claimOne();
        session.begin(List.of(first), List::of);
        session.settle(List.of(new Outcome.Succeeded(first, Duration.ZERO, Optional.of(RawJson.parse("7")))));
        broker.enqueue(task);
        Claim second = claimOne();
        assertThat(session.begin(List.of(second), List::of)).containsExactly(Lock.DONE_BY_ITSELF);
        session.settle(List.of(new Outcome.Duplicate(second, true)));
        assertThat(broker.status(task.id()).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(broker.status(task.id()).orElseThrow().result()).contains("7");
    }

    @Test
    void a_worker_that_holds_tasks_cannot_leave() {
        broker.enqueue("t", 1);
        Claim claim = claimOne();
        assertThat(session.leave()).isFalse();
        session.settle(List.of(success(claim)));
        assertThat(session.leave()).isTrue();
        assertThat(redis.client().exists(redis.key("workers"))).isFalse();
    }

    @Test
    void queue_names_that_would_mix_up_keys_are_refused() {
        for (String name : List.of(
                "",
                "a b",
                "{a}",
                "a:high",
                "x:dead",
                "y".repeat(129),
                "a/b",
                "a,b",
                "a=b",
                "a~0",
                "a:task:x",
                "a:low:b")) {
            assertThatThrownBy(() -> redis.brokerBuilder().queue(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("queue name is");
        }
    }

    @Test
    void a_queue_whose_name_could_be_a_key_of_another_is_refused_and_told_the_part() {
        for (String part :
                ("high low processing workers silence format scheduled dead idempotency task recoveries paused"
                                + " cron unique waiting cancelled key ring blocked slots batch history recent orphans statuses")
                        .split(" ")) {
            for (String name : List.of("a:" + part, "a:" + part + ":x", "a:b:" + part + ":c", ":" + part)) {
                assertThatThrownBy(() -> redis.brokerBuilder().queue(name))
                        .as(name)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("\":" + part + "\"");
            }
            redis.brokerBuilder()
                    .queue(part)
                    .queue("a:" + part + "s2")
                    .queue("a-" + part)
                    .queue(part + ":b");
        }
    }
}
