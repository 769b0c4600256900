package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Explanation;
import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Explanation.Reason;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.Unique;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each reason for which a task is where it is, and that it is not told of where it does not hold. */
class WhyTest extends BrokerFixture {

    private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

    private Explanation why(String id) {
        Explanation explanation = broker.why(id);
        assertThat(explanation.reasons())
                .isNotEmpty()
                .allSatisfy(
                        reason -> assertThat(reason.text() + reason.remedy()).doesNotContain("secret"));
        return explanation;
    }

    private static List<Code> codes(Explanation explanation) {
        return explanation.reasons().stream().map(Reason::code).toList();
    }

    private static String text(Explanation explanation, Code code) {
        return explanation.reasons().stream()
                .filter(reason -> reason.code() == code)
                .findFirst()
                .orElseThrow(() -> new AssertionError(explanation.toString()))
                .text();
    }

    private static Task task(String id) {
        return Task.of("t", "secret").withId(id);
    }

    private Claim claimed(String id) {
        return session.claim(10).claims().stream()
                .filter(claim -> claim.task().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_ready_task_is_told_its_position() {
        broker.enqueue(task("first"));
        broker.enqueue(task("second"));
        broker.enqueue(task("urgent").withPriority(Priority.HIGH));
        broker.enqueue(task("idle").withPriority(Priority.LOW));
        Explanation second = why("second");
        assertThat(codes(second)).containsExactly(Code.READY);
        assertThat(text(second, Code.READY)).contains("the 2nd of 2 in lane normal", "1 in lanes before it go first");
        assertThat(second.place()).contains(Place.READY_NORMAL);
        assertThat(second.state()).contains(TaskState.PENDING);
        assertThat(second.type()).contains("t");
        assertThat(second.queue()).contains(redis.queue());
        assertThat(text(why("urgent"), Code.READY))
                .contains("the 1st of 1 in lane high")
                .doesNotContain("before it");
        assertThat(text(why("idle"), Code.READY)).contains("in lane low; 3 in lanes before it");
    }

    @Test
    void a_bare_push_is_found_without_a_status() {
        redis.client().lpush(redis.queue(), "{\"type\":\"t\",\"id\":\"bare\",\"payload\":\"secret\"}");
        Explanation bare = why("bare");
        assertThat(bare.state()).isEmpty();
        assertThat(bare.type()).contains("t");
        assertThat(codes(bare)).containsExactly(Code.READY);
    }

    @Test
    void a_pause_is_told_with_by_whom_and_why() throws Exception {
        broker.enqueue(task("a"));
        session.leave();
        broker.pause("migration of\nthe database");
        Explanation a = why("a");
        assertThat(codes(a)).containsExactly(Code.PAUSED, Code.NO_WORKERS, Code.READY);
        assertThat(text(a, Code.PAUSED))
                .contains(Operator.name(), "until it is resumed", "\"migration of?the database\"");
        assertThat(a.reasons().get(0).remedy())
                .isEqualTo("client.jar resume --queue " + redis.queue() + " ends the pause.");
        redis.client().set(redis.key("paused"), "by hand");
        assertThat(text(why("a"), Code.PAUSED)).contains("by hand");
        broker.pause("", Duration.ofMinutes(10));
        assertThat(text(why("a"), Code.PAUSED)).containsPattern("until 2.*in (10|9) min");
    }

    @Test
    void that_no_worker_lives_is_told() {
        broker.enqueue(task("a"));
        session.leave();
        assertThat(codes(why("a"))).containsExactly(Code.NO_WORKERS, Code.READY);
    }

    @Test
    void a_delayed_task_is_told_when_it_is_due() {
        broker.enqueue(task("a").at(LATER));
        Explanation a = why("a");
        assertThat(codes(a)).containsExactly(Code.DELAYED);
        assertThat(text(a, Code.DELAYED)).contains("due at 2100-01-01T00:00:00Z (in ");
        assertThat(a.place()).contains(Place.SCHEDULED);
        redis.client().zadd(redis.key("scheduled"), Double.POSITIVE_INFINITY, "{\"type\":\"t\",\"id\":\"never\"}");
        assertThat(text(why("never"), Code.DELAYED)).contains("a time that is none, inf");
        redis.client().lpush(redis.queue(), "{\"type\":\"t\",\"id\":\"bare\",\"run_at\":" + LATER.toEpochMilli() + "}");
        assertThat(codes(why("bare"))).containsExactly(Code.DELAYED, Code.READY);
    }

    @Test
    void a_retry_is_told_after_which_error() {
        broker.enqueue(task("a"));
        Claim claim = claimed("a");
        session.settle(List.of(new Outcome.Retry(
                claim,
                claim.task().withFailure("IllegalStateException: no route\u0007"),
                Duration.ofHours(1),
                Duration.ZERO)));
        Explanation a = why("a");
        assertThat(codes(a)).containsExactly(Code.RETRY);
        assertThat(text(a, Code.RETRY))
                .contains("Its 1st attempt failed; attempt 2 of 4", "IllegalStateException: no route.");
        assertThat(a.state()).contains(TaskState.RETRYING);
    }

    @Test
    void a_task_put_off_is_told_which_task_holds_its_idempotency_key_and_where() {
        broker.enqueue(task("one").withIdempotencyKey("k:1"));
        broker.enqueue(task("two").withIdempotencyKey("k:1"));
        List<Claim> claims = session.claim(10).claims();
        assertThat(session.begin(claims.subList(0, 1), () -> claims)).containsExactly(Lock.TAKEN);
        session.settle(List.of(new Outcome.Deferred(claims.get(1), Duration.ofMinutes(1))));
        Explanation two = why("two");
        assertThat(codes(two)).containsExactly(Code.IDEMPOTENCY_KEY_HELD);
        assertThat(text(two, Code.IDEMPOTENCY_KEY_HELD))
                .contains("task one with the same idempotency key \"k:1\" runs on worker w1; it is tried again at");
        redis.client().zrem(redis.key("workers"), "w1");
        assertThat(text(why("two"), Code.IDEMPOTENCY_KEY_HELD)).contains("w1 (which is not registered)");
    }

    @Test
    void a_task_that_waits_for_a_unique_key_is_told_who_holds_it() {
        Unique rule = Unique.by("report").orElse(Unique.OrElse.RUN_AFTER);
        broker.enqueue(task("one").unique(rule));
        broker.enqueue(task("two").unique(rule));
        assertThat(codes(why("one"))).containsExactly(Code.READY);
        Explanation two = why("two");
        assertThat(codes(two)).containsExactly(Code.UNIQUE_KEY_HELD);
        assertThat(text(two, Code.UNIQUE_KEY_HELD)).contains("its unique key \"report\", which task one holds");
        assertThat(two.reasons().get(0).remedy())
                .isEqualTo("client.jar why one --queue " + redis.queue() + " says where that one is.");
    }

    @Test
    void an_overdue_task_is_told_so() {
        redis.client().zadd(redis.key("scheduled"), 1_000, "{\"type\":\"t\",\"id\":\"late\"}");
        assertThat(codes(why("late"))).containsExactly(Code.OVERDUE);
        session.leave();
        assertThat(codes(why("late"))).containsExactly(Code.NO_WORKERS, Code.OVERDUE);
    }

    @Test
    void a_parked_task_is_told_its_type_and_when_it_dies() {
        broker.enqueue(task("a"));
        session.settle(List.of(new Outcome.Parked(claimed("a"))));
        Explanation a = why("a");
        assertThat(codes(a)).containsExactly(Code.PARKED);
        assertThat(text(a, Code.PARKED)).contains("type \"t\", since ", "it dies at ", "(in 59 min");
        assertThat(a.place()).contains(Place.PARKED);
        redis.client().zadd(redis.key("waiting"), 1, "new");
        redis.client().lpush(redis.key("waiting:new"), "{\"type\":\"new\",\"id\":\"bare\"}");
        assertThat(text(why("bare"), Code.PARKED)).contains("an hour after");
    }

    @Test
    void a_suspect_is_told_how_often_it_was_taken_back() {
        redis.client().rpush(redis.key("suspects"), "{\"type\":\"t\",\"id\":\"a\"}");
        redis.client().set(redis.key("recoveries:a"), "4");
        assertThat(text(why("a"), Code.SUSPECT)).contains("4 times");
        assertThat(codes(why("a"))).containsExactly(Code.SUSPECT);
    }

    @Test
    void a_task_that_is_claimed_or_runs_is_told_where_and_since_when() {
        broker.enqueue(task("a").withTimeout(Duration.ofHours(1)));
        Claim claim = claimed("a");
        Explanation held = why("a");
        assertThat(codes(held)).containsExactly(Code.CLAIMED);
        assertThat(text(held, Code.CLAIMED)).contains("Worker w1 has claimed it");
        session.markRunning(Map.of(claim, Duration.ofMinutes(5)));
        Explanation runs = why("a");
        assertThat(codes(runs)).containsExactly(Code.RUNNING);
        assertThat(text(runs, Code.RUNNING)).contains("on worker w1 since ", "(5 min", "1st attempt");
        assertThat(runs.place()).contains(Place.PROCESSING);
        session.markRunning(Map.of(claim, Duration.ofHours(2)));
        assertThat(codes(why("a"))).containsExactly(Code.ABANDONED, Code.RUNNING);
    }

    @Test
    void a_silent_worker_is_told_of() {
        broker.enqueue(task("a"));
        claimed("a");
        session.recover();
        redis.client().zadd(redis.key("workers"), 1_000, "w1");
        Explanation a = why("a");
        assertThat(codes(a)).containsExactly(Code.WORKER_SILENT, Code.CLAIMED);
        assertThat(text(a, Code.WORKER_SILENT)).contains("silent since 1970", "two leases of 1 s");
        redis.client().zadd(redis.key("workers"), 1, "other");
        redis.client().lpush(redis.key("processing:other"), "{\"type\":\"t\",\"id\":\"b\"}");
        assertThat(codes(why("b"))).containsExactly(Code.WORKER_SILENT, Code.CLAIMED);
    }

    @Test
    void a_request_to_cancel_is_told() {
        broker.enqueue(task("a"));
        claimed("a");
        broker.cancel("a", "sent twice");
        Explanation a = why("a");
        assertThat(codes(a)).containsExactly(Code.CANCEL_REQUESTED, Code.CLAIMED);
        assertThat(text(a, Code.CANCEL_REQUESTED)).contains("\"sent twice\"");
    }

    @Test
    void a_task_past_its_expiry_and_one_that_is_none_are_told_what_becomes_of_them() {
        redis.client().lpush(redis.queue(), "{\"type\":\"t\",\"id\":\"a\",\"expires_at\":1000}");
        assertThat(codes(why("a"))).containsExactly(Code.EXPIRES, Code.READY);
        redis.client().lpush(redis.queue(), "{\"type\":7,\"id\":\"b\",\"payload\":\"secret\"}");
        assertThat(codes(why("b"))).containsExactly(Code.MALFORMED, Code.READY);
    }

    @Test
    void a_dead_task_is_told_what_of_and_how_to_retry_it() {
        broker.enqueue(task("a"));
        Claim claim = claimed("a");
        session.settle(List.of(new Outcome.Dead(
                claim, claim.task().withLastError("IOException: gone"), "retries exhausted", Duration.ZERO)));
        Explanation a = why("a");
        assertThat(codes(a)).containsExactly(Code.DEAD);
        assertThat(text(a, Code.DEAD)).contains("ago)", "retries exhausted", "IOException: gone");
        assertThat(a.reasons().get(0).remedy()).contains("client.jar dead retry a --queue " + redis.queue());
        redis.client().del(redis.key("dead"));
        assertThat(codes(why("a"))).containsExactly(Code.DEAD, Code.NOT_FOUND);
        assertThat(text(why("a"), Code.DEAD)).contains("IOException: gone");
    }

    @Test
    void a_task_that_has_ended_is_told_how() {
        for (String id : List.of("ok", "same", "late")) {
            broker.enqueue(task(id).withIdempotencyKey("the key"));
        }
        broker.enqueue(task("unwanted"));
        List<Claim> claims = session.claim(10).claims();
        session.settle(List.of(
                new Outcome.Succeeded(claims.get(0), Duration.ofSeconds(90), Optional.empty(), Optional.empty()),
                new Outcome.Duplicate(claims.get(1), false),
                new Outcome.Expired(claims.get(2))));
        broker.cancel("unwanted", "sent twice");
        claims.get(3).cancel("sent twice");
        session.settle(List.of(new Outcome.Cancelled(claims.get(3), false, Duration.ZERO)));
        assertThat(text(why("ok"), Code.SUCCEEDED))
                .contains("on worker w1, in its 1st attempt, which took 1 min 30 s.");
        assertThat(text(why("same"), Code.DUPLICATE)).contains("\"the key\"");
        assertThat(codes(why("late"))).containsExactly(Code.EXPIRED);
        assertThat(text(why("unwanted"), Code.CANCELLED)).contains("\"sent twice\"");
    }

    @Test
    void a_task_that_is_not_found_is_told_so_and_how_far_it_was_looked_for() {
        assertThat(codes(why("nobody"))).containsExactly(Code.UNKNOWN);
        assertThat(why("nobody").queue()).isEmpty();
        broker.enqueue(task("a"));
        redis.client().del(redis.queue());
        Explanation lost = why("a");
        assertThat(codes(lost)).containsExactly(Code.NOT_FOUND);
        assertThat(text(lost, Code.NOT_FOUND)).contains("status says pending", "0 entries, all that were there");
    }

    @Test
    void with_routes_each_queue_is_asked() {
        try (RedisBroker routed =
                redis.brokerBuilder().route("t", redis.queue() + "-routed").build()) {
            routed.enqueue(task("a"));
            assertThat(routed.why("a").queue()).contains(redis.queue() + "-routed");
            assertThat(codes(routed.why("a"))).containsExactly(Code.NO_WORKERS, Code.READY);
            assertThat(routed.why("nobody").reasons().get(0).text()).contains("Queue " + redis.queue() + "-routed: ");
        }
    }
}
