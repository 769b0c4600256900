package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Cancellation;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A task is cancelled wherever it is, and what cannot be taken away at once is known as cancelled. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class CancelTest extends BrokerFixture {

    CancelTest(RedisServer server) {
        super(server);
    }

    private void push(String key, String json) {
        redis.client().lpush(key, json);
    }

    private TaskStatus status(String id) {
        return broker.status(id).orElseThrow();
    }

    private void assertGone(String id) {
        TaskStatus status = status(id);
        assertThat(status.state()).isEqualTo(TaskState.CANCELLED);
        assertThat(status.cancelReason()).contains("why");
        assertThat(status.finishedAt()).isPresent();
        assertThat(redis.client().ttl(redis.key("task:" + id))).isPositive();
        assertThat(broker.find(id, 1_000).place()).isEmpty();
        assertThat(broker.cancel(id, "again")).isEqualTo(Cancellation.ALREADY_ENDED);
        assertThat(status(id).cancelReason()).contains("why");
    }

    @ParameterizedTest
    @EnumSource
    void what_waits_leaves_its_lane_and_the_others_stay(Priority priority) {
        List<Task> tasks = IntStream.range(0, 700)
                .mapToObj(i -> Task.of("t", i).withPriority(priority))
                .toList();
        broker.enqueueAll(tasks);
        for (int i : new int[] {0, 350, 699}) {
            assertThat(broker.cancel(tasks.get(i).id(), "why")).isEqualTo(Cancellation.REMOVED);
            assertGone(tasks.get(i).id());
        }
        assertThat(broker.stats().unfinished()).isEqualTo(697);
        assertThat(status(tasks.get(1).id()).state()).isEqualTo(TaskState.PENDING);
    }

    @Test
    void what_is_scheduled_leaves() {
        Task task = Task.of("t", 1).in(Duration.ofHours(1));
        broker.enqueue(task);
        broker.enqueue(Task.of("t", 2).in(Duration.ofHours(1)));
        assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REMOVED);
        assertGone(task.id());
        assertThat(broker.stats().scheduled()).isOne();
    }

    @Test
    void what_waits_for_its_next_attempt_leaves() {
        Task task = Task.of("t", 1).withIdempotencyKey("k");
        broker.enqueue(task);
        Claim claim = session.claim(1).claims().get(0);
        session.begin(List.of(claim), () -> List.of(claim));
        session.settle(List.of(new Outcome.Retry(
                claim, claim.task().withFailure("failed"), Duration.ofHours(1), Duration.ofMillis(5))));
        assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REMOVED);
        assertGone(task.id());
        assertThat(status(task.id()).attempts()).isOne();
        assertThat(status(task.id()).lastError()).contains("failed");
        assertThat(redis.client().exists(redis.key("idempotency:k"))).isFalse();
    }

    @Test
    void what_waits_for_its_trial_leaves() {
        push(redis.key("suspects"), "{\"id\":\"s\",\"type\":\"t\"}");
        assertThat(broker.cancel("s", "why")).isEqualTo(Cancellation.REMOVED);
        assertGone("s");
    }

    @Test
    void a_dead_letter_leaves() {
        Task task = Task.of("t", 1);
        broker.enqueue(task);
        Claim claim = session.claim(1).claims().get(0);
        session.settle(List.of(new Outcome.Dead(claim, claim.task().withLastError("e"), "gone", Duration.ZERO)));
        assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REMOVED);
        assertGone(task.id());
        assertThat(broker.stats().dead()).isZero();
        assertThat(redis.client().exists(redis.key("cancelled"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "high", "low", "scheduled", "suspects", "dead"})
    void a_bare_entry_leaves_without_a_status(String place) {
        String json = "{\"id\":\"bar\\u0065\",\"type\":\"t\",\"big\":1e400,\"created_at\":1}";
        if (place.equals("scheduled")) {
            redis.client().zadd(redis.key(place), 5e12, json);
        } else {
            push(place.isEmpty() ? redis.queue() : redis.key(place), json);
        }
        assertThat(broker.cancel("bare", "why")).isEqualTo(Cancellation.REMOVED);
        assertGone("bare");
    }

    @Test
    void a_bare_entry_that_a_worker_holds_is_requested() {
        push(redis.queue(), "{\"id\":\"bare\",\"type\":\"t\"}");
        Claim claim = session.claim(1).claims().get(0);
        assertThat(broker.cancel("bare", "why")).isEqualTo(Cancellation.REQUESTED);
        session.findCancelled(List.of(claim));
        assertThat(claim.cancelReason()).isEqualTo("why");
    }

    @Test
    void what_is_claimed_is_requested_and_ends_as_cancelled() {
        Task task = Task.of("t", 1).withIdempotencyKey("k");
        Task other = Task.of("t", 2);
        broker.enqueueAll(List.of(task, other));
        ClaimBatch batch = session.claim(2);
        assertThat(batch.anyCancelled()).isFalse();
        Claim claim = batch.claims().get(0);
        session.begin(List.of(claim), () -> batch.claims());
        assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REQUESTED);
        assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REQUESTED);
        session.findCancelled(batch.claims());
        assertThat(batch.claims().get(1).cancelReason()).isNull();
        assertThat(session.settle(List.of(new Outcome.Cancelled(claim, true, Duration.ofMillis(7)))))
                .containsExactly(Settled.YES);
        assertGone(task.id());
        assertThat(status(task.id()).attempts()).isOne();
        assertThat(redis.client().exists(redis.key("idempotency:k"))).isFalse();
    }

    @Test
    void what_has_ended_has() {
        Task task = Task.of("t", 1);
        broker.enqueue(task);
        Claim claim = session.claim(1).claims().get(0);
        session.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
        assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.ALREADY_ENDED);
        assertThat(status(task.id()).state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(redis.client().exists(redis.key("cancelled"))).isFalse();
    }

    @Test
    void what_nobody_knows_is_unknown_and_leaves_nothing() {
        broker.enqueue("t", 1);
        assertThat(broker.cancel("nobody", "why")).isEqualTo(Cancellation.UNKNOWN);
        for (String id : List.of("", " ", "a\nb", "\ud800", "x".repeat(60_000), "x\u0000")) {
            assertThat(broker.cancel(id, "why")).isEqualTo(Cancellation.UNKNOWN);
        }
        assertThat(broker.cancel("%a \" \\ {}[]*?ö\ud83d\ude00", "why")).isEqualTo(Cancellation.UNKNOWN);
        assertThat(redis.client().exists(redis.key("cancelled"))).isFalse();
        assertThat(broker.stats().unfinished()).isOne();
    }

    @Test
    void an_id_and_a_reason_of_any_characters_do() {
        String id = "%a \" \\ {}[]*?ö\ud83d\ude00";
        String reason = "1 line\nanother \u0000 \"quoted\" \ud83d\ude00";
        Task task = Task.of("t", 1).withId(id);
        broker.enqueue(task);
        Claim claim = session.claim(1).claims().get(0);
        assertThat(broker.cancel(id, reason)).isEqualTo(Cancellation.REQUESTED);
        session.findCancelled(List.of(claim));
        assertThat(claim.cancelReason()).isEqualTo(reason);
        session.settle(List.of(new Outcome.Cancelled(claim, false, Duration.ZERO)));
        assertThat(status(id).cancelReason()).contains(reason);
        assertThatThrownBy(() -> broker.cancel(id, "x".repeat(1_001))).isInstanceOf(InvalidTaskException.class);
    }

    @Test
    void a_claim_tells_that_tasks_are_cancelled_whichever_way_it_goes() {
        redis.client().hset(redis.key("cancelled"), "other", "1 why");
        broker.enqueue("t", 1);
        assertThat(session.claim(1).anyCancelled()).isTrue();
        broker.enqueue("t", 2);
        assertThat(session.awaitClaim(Duration.ofMillis(500)).anyCancelled()).isTrue();
        redis.client().set(redis.key("paused"), "1");
        broker.enqueue("t", 3);
        ClaimBatch paused = session.awaitClaim(Duration.ofMillis(500));
        assertThat(paused.paused() && paused.anyCancelled()).isTrue();
        redis.client().del(redis.key("cancelled"));
        broker.enqueue("t", 4);
        paused = session.awaitClaim(Duration.ofMillis(500));
        assertThat(paused.paused()).isTrue();
        assertThat(paused.anyCancelled()).isFalse();
        assertThat(session.adopt(List.of()).anyCancelled()).isTrue();
    }

    @Test
    void the_look_at_what_is_due_and_the_beat_tell_it_whatever_else_there_is() {
        List<Runnable> steps = List.of(
                () -> {},
                () -> broker.enqueue(Task.of("t", 1).in(Duration.ofHours(1))),
                () -> redis.client().zadd(redis.key("cron:due"), 5e12, "c"),
                () -> redis.client().del(redis.key("scheduled")));
        for (Runnable step : steps) {
            step.run();
            long wait = session.promote(1).map(Duration::toMillis).orElse(-1L);
            Optional<Duration> cronWait = session.cronWait();
            assertThat(session.anyCancelled()).isFalse();
            assertThat(session.beat().anyCancelled()).isFalse();
            redis.client().hset(redis.key("cancelled"), "other", "1 why");
            assertThat(session.promote(1).isPresent()).isEqualTo(wait >= 0);
            assertThat(session.cronWait().isPresent()).isEqualTo(cronWait.isPresent());
            assertThat(session.anyCancelled()).isTrue();
            assertThat(session.beat().anyCancelled()).isTrue();
            redis.client().del(redis.key("cancelled"));
        }
    }

    @Test
    void what_is_promoted_and_taken_by_a_wait_meanwhile_is_known_as_cancelled() {
        Task task = Task.of("t", 1).in(Duration.ofMillis(1));
        broker.enqueue(Task.of("t", 0));
        redis.client().zadd(redis.key("scheduled"), 1, new String(broker.format(task)));
        session.claim(1);
        // Where cancel() stands between its tombstone and its search.
        redis.client().hset(redis.key("cancelled"), task.id(), "1 why");
        session.promote(10);
        ClaimBatch taken = session.awaitClaim(Duration.ofSeconds(1));
        assertThat(taken.anyCancelled()).isTrue();
        session.findCancelled(taken.claims());
        assertThat(taken.claims().get(0).cancelReason()).isEqualTo("why");
    }

    @Test
    void a_status_that_is_none_keeps_nothing_from_being_cancelled() {
        Task task = Task.of("t", 1);
        Task other = Task.of("t", 2);
        broker.enqueueAll(List.of(task, other));
        redis.client().set(redis.key("task:" + task.id()), "{no status");
        redis.client().del(redis.key("task:" + other.id()));
        push(redis.key("task:" + other.id()), "x");
        assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REMOVED);
        assertThat(broker.cancel(other.id(), "why")).isEqualTo(Cancellation.REMOVED);
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void a_wrong_type_in_place_of_the_tombstones_stops_no_work_and_what_waits_leaves_all_the_same() {
        push(redis.key("cancelled"), "x");
        List<Task> tasks = List.of(Task.of("t", 1), Task.of("t", 2));
        broker.enqueueAll(tasks);
        assertThat(broker.cancel(tasks.get(1).id(), "why")).isEqualTo(Cancellation.REMOVED);
        ClaimBatch claimed = session.claim(2);
        session.findCancelled(claimed.claims());
        assertThat(claimed.claims()).hasSize(1);
        assertThat(claimed.claims().get(0).cancelReason()).isNull();
        assertThatThrownBy(() -> broker.cancel(tasks.get(0).id(), "why"))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("WRONGTYPE");
        assertThat(session.trimCancelled("0")).isEqualTo("0");
        session.promote(1);
        session.beat();
    }

    @Test
    void without_statuses_it_leaves_where_it_waits_and_is_known_where_it_runs() {
        try (RedisBroker untracked =
                redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build()) {
            List<Task> tasks = List.of(Task.of("t", 1), Task.of("t", 2), Task.of("t", 3));
            untracked.enqueueAll(tasks);
            BrokerSession own = BrokerEngine.of(untracked).session("w1", LEASE);
            Claim claim = own.claim(1).claims().get(0);
            assertThat(untracked.cancel(tasks.get(0).id(), "why")).isEqualTo(Cancellation.REQUESTED);
            assertThat(untracked.cancel(tasks.get(2).id(), "why")).isEqualTo(Cancellation.REMOVED);
            own.findCancelled(List.of(claim));
            assertThat(claim.cancelReason()).isEqualTo("why");
            own.settle(List.of(new Outcome.Cancelled(claim, true, Duration.ZERO)));
            assertThat(untracked.stats().unfinished()).isOne();
            assertThat(redis.client().keys(redis.key("task:*"))).isEmpty();
        }
    }

    @Test
    void with_routes_it_is_found_in_whichever_queue_it_is() {
        String other = redis.queue() + "-other";
        try (RedisBroker routed = redis.brokerBuilder().route("o", other).build()) {
            Task here = Task.of("t", 1);
            Task there = Task.of("o", 1);
            routed.enqueueAll(List.of(here, there));
            push(other, "{\"id\":\"bare\",\"type\":\"o\"}");
            for (String id : List.of(here.id(), there.id(), "bare")) {
                assertThat(routed.cancel(id, "why")).isEqualTo(Cancellation.REMOVED);
            }
            assertThat(routed.cancel("nobody", "why")).isEqualTo(Cancellation.UNKNOWN);
            assertThat(redis.client().llen(other)).isZero();
        }
    }

    private void trim(Duration ended, Duration unknown) {
        Tombstones tombstones = new Tombstones(BrokerEngine.of(broker).context());
        String cursor = "0";
        do {
            cursor = tombstones.trim(cursor, ended, unknown);
        } while (!cursor.equals("0"));
    }

    @Test
    void tombstones_go_once_nobody_needs_them() {
        List<Task> ended = new ArrayList<>();
        IntStream.range(0, 700).forEach(i -> ended.add(Task.of("t", i)));
        broker.enqueueAll(ended);
        ended.forEach(task -> broker.cancel(task.id(), "x".repeat(100)));
        Task scheduled = Task.of("t", 1).in(Duration.ofDays(9));
        broker.enqueue(scheduled);
        redis.client().hset(redis.key("cancelled"), scheduled.id(), "1 why");
        redis.client().hset(redis.key("cancelled"), "no status", "1 why");
        redis.client().hset(redis.key("cancelled"), "foreign", "no time");
        long all = redis.client().hlen(redis.key("cancelled"));
        assertThat(all).isEqualTo(703);
        redis.client().set(redis.key("paused"), "1");
        trim(Duration.ZERO, Duration.ZERO);
        assertThat(redis.client().hlen(redis.key("cancelled"))).isEqualTo(all);
        redis.client().del(redis.key("paused"));
        trim(Duration.ofMinutes(10), Duration.ofDays(100_000));
        assertThat(redis.client().hlen(redis.key("cancelled"))).isEqualTo(all);
        trim(Duration.ZERO, Duration.ofDays(100_000));
        assertThat(redis.client().hkeys(redis.key("cancelled")))
                .containsExactlyInAnyOrder(scheduled.id(), "no status", "foreign");
        trim(Duration.ZERO, Duration.ofDays(1));
        assertThat(redis.client().hkeys(redis.key("cancelled"))).containsExactly(scheduled.id());
    }

    @Test
    void a_lock_that_a_living_worker_holds_for_another_entry_of_the_same_id_stays() {
        Task task = Task.of("t", 1).withIdempotencyKey("k");
        broker.enqueueAll(List.of(task, task));
        Claim claim = session.claim(1).claims().get(0);
        session.begin(List.of(claim), () -> List.of(claim));
        assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REMOVED);
        assertThat(redis.client().exists(redis.key("idempotency:k"))).isTrue();
        session.findCancelled(List.of(claim));
        assertThat(claim.cancelReason()).isEqualTo("why");
        redis.client().set(redis.key("idempotency:k2"), "run:left:gone:1");
        broker.enqueue(Task.of("t", 1).withId("left").withIdempotencyKey("k2"));
        assertThat(broker.cancel("left", "why")).isEqualTo(Cancellation.REMOVED);
        assertThat(redis.client().exists(redis.key("idempotency:k2"))).isFalse();
    }
}
