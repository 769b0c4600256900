package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.Unique;
import dev.taskqueue.Unique.OrElse;
import dev.taskqueue.Unique.Until;
import dev.taskqueue.testing.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Of tasks with the same unique key one at a time is unfinished. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class UniqueTest extends BrokerFixture {

    private static final Duration RAN = Duration.ofMillis(1);
    private static final Unique REJECT = Unique.by("k");
    private static final Unique REPLACE = REJECT.orElse(OrElse.REPLACE);
    private static final Unique RUN_AFTER = REJECT.orElse(OrElse.RUN_AFTER);
    private static final Duration LEAST_HOLD = Duration.ofDays(36);

    UniqueTest(RedisServer server) {
        super(server);
    }

    private Enqueued enqueue(String id, Unique unique) {
        return broker.enqueue(Task.of("t", id).withId(id).unique(unique));
    }

    private void assertAccepted(Enqueued enqueued, String id) {
        assertThat(enqueued).isEqualTo(new Enqueued(id, true, redis.queue(), false));
    }

    private void assertRejected(Enqueued enqueued, String standing) {
        assertThat(enqueued).isEqualTo(new Enqueued(standing, false, redis.queue(), false));
    }

    private void assertReplaced(Enqueued enqueued, String standing) {
        assertThat(enqueued).isEqualTo(new Enqueued(standing, false, redis.queue(), true));
    }

    private Claim claim() {
        List<Claim> claims = session.claim(10).claims();
        assertThat(claims).hasSize(1);
        return claims.get(0);
    }

    private Lock begin(Claim claim) {
        return session.begin(List.of(claim), () -> List.of(claim)).get(0);
    }

    private Claim run() {
        Claim claim = claim();
        assertThat(begin(claim)).isEqualTo(Lock.TAKEN);
        return claim;
    }

    private void settle(Outcome outcome) {
        assertThat(session.settle(List.of(outcome))).containsExactly(Settled.YES);
    }

    private void succeed(Claim claim) {
        settle(new Outcome.Succeeded(claim, RAN, Optional.empty()));
    }

    private String holder() {
        return redis.client().hget(redis.key("unique:k"), "id");
    }

    private void assertHeld(Duration atLeast) {
        assertThat(redis.client().pttl(redis.key("unique:k"))).isGreaterThan(atLeast.toMillis());
    }

    private void assertNothingLeft() {
        assertThat(redis.client().exists(redis.key("unique:k"))).isFalse();
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void a_second_one_is_rejected_and_told_who_holds_the_key_until_that_has_succeeded() {
        assertAccepted(enqueue("a", REJECT), "a");
        assertRejected(enqueue("b", REJECT), "a");
        assertThat(broker.status("b")).isEmpty();
        assertHeld(LEAST_HOLD);
        Claim a = run();
        assertRejected(enqueue("c", REJECT), "a");
        assertHeld(LEAST_HOLD);
        succeed(a);
        assertNothingLeft();
        assertAccepted(enqueue("d", REJECT), "d");
        assertThat(broker.stats().unfinished()).isEqualTo(1);
    }

    @Test
    void enqueuing_the_very_same_task_again_is_answered_with_itself() {
        for (Unique unique : List.of(REJECT, REPLACE, RUN_AFTER)) {
            redis.client().del(redis.queue(), redis.key("unique:k"));
            assertAccepted(enqueue("a", unique), "a");
            assertRejected(enqueue("a", unique), "a");
            assertThat(broker.stats().unfinished()).isEqualTo(1);
        }
    }

    @Test
    void other_keys_and_tasks_without_one_are_not_concerned() {
        assertAccepted(enqueue("a", REJECT), "a");
        assertAccepted(enqueue("b", Unique.by("K")), "b");
        assertThat(broker.enqueue("t", 1).accepted()).isTrue();
    }

    @Test
    void a_batch_tells_of_each_and_those_without_a_key_go_along() {
        List<Task> tasks = List.of(
                Task.of("t", 1).withId("a").unique(REJECT),
                Task.of("t", 2).withId("b"),
                Task.of("t", 3).withId("c").unique(REJECT).withIdempotencyKey("i"),
                Task.of("t", 4).withId("d").withIdempotencyKey("j"),
                Task.of("t", 5).withId("e").unique(Unique.by("other")).withPriority(Priority.HIGH),
                Task.of("t", 6).withId("f").unique(RUN_AFTER),
                Task.of("t", 7).withId("g").unique(RUN_AFTER),
                Task.of("t", 8).withId("h").unique(REPLACE));
        assertThat(broker.enqueueAll(tasks))
                .extracting(Enqueued::id, Enqueued::accepted, Enqueued::replaced)
                .extracting(Object::toString)
                .containsExactly(
                        "(\"a\", true, false)",
                        "(\"b\", true, false)",
                        "(\"a\", false, false)",
                        "(\"d\", true, false)",
                        "(\"e\", true, false)",
                        "(\"f\", true, false)",
                        "(\"f\", false, true)",
                        "(\"a\", false, true)");
        assertThat(broker.stats().unfinished()).isEqualTo(5);
        for (String id : List.of("a", "b", "d", "e", "f")) {
            assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.PENDING);
        }
        for (String id : List.of("c", "g", "h")) {
            assertThat(broker.status(id)).isEmpty();
        }
    }

    @Test
    void the_key_is_held_through_a_delay_and_each_retry_and_freed_on_death() {
        Task task = Task.of("t", 1).withId("a").unique(REJECT.ttl(Duration.ofSeconds(1)));
        assertThat(broker.enqueue(task.in(Duration.ofDays(300))).accepted()).isTrue();
        assertHeld(Duration.ofDays(306));
        assertRejected(enqueue("b", REJECT), "a");
        assertThat(redis.client().del(redis.key("scheduled"), redis.key("unique:k")))
                .isEqualTo(2);
        broker.enqueue(task);
        Claim a = run();
        settle(new Outcome.Retry(a, a.task().withFailure("no"), Duration.ofDays(200), RAN));
        assertHeld(Duration.ofDays(206));
        assertRejected(enqueue("b", REPLACE), "a");
        redis.client()
                .zadd(
                        redis.key("scheduled"),
                        1,
                        redis.client().zrange(redis.key("scheduled"), 0, -1).get(0));
        session.promote(10);
        a = run();
        assertThat(a.task().retry()).isEqualTo(1);
        settle(new Outcome.Dead(a, a.task().withFailure("no"), "retries exhausted", RAN));
        assertNothingLeft();
    }

    @Test
    void the_key_is_held_on_while_a_task_goes_back_and_freed_when_it_expires_or_is_a_duplicate() {
        enqueue("a", REJECT);
        settle(new Outcome.Released(run()));
        assertRejected(enqueue("b", REJECT), "a");
        settle(new Outcome.Deferred(run(), Duration.ZERO));
        assertRejected(enqueue("b", REJECT), "a");
        session.promote(10);
        settle(new Outcome.Expired(run()));
        assertNothingLeft();
        enqueue("c", REJECT);
        settle(new Outcome.Duplicate(run(), false));
        assertNothingLeft();
    }

    @Test
    void only_the_holder_frees_the_key() {
        enqueue("a", REJECT);
        Claim a = run();
        redis.client().hset(redis.key("unique:k"), "id", "another");
        succeed(a);
        assertThat(holder()).isEqualTo("another");
    }

    @Test
    void until_start_the_key_is_freed_as_the_task_begins_and_not_taken_again_by_its_retry() {
        Unique start = REJECT.until(Until.START);
        enqueue("a", start);
        assertRejected(enqueue("b", start), "a");
        Claim a = run();
        assertThat(holder()).isNull();
        assertAccepted(enqueue("b", start), "b");
        settle(new Outcome.Retry(a, a.task().withFailure("no"), Duration.ZERO, RAN));
        assertThat(holder()).isEqualTo("b");
        session.promote(10);
        List<Claim> both = session.claim(10).claims();
        assertThat(both)
                .extracting(claim -> claim.task().id() + BrokerSession.mustBegin(claim))
                .containsExactly("btrue", "afalse");
        succeed(both.get(1));
        assertThat(holder()).as("as only the holder frees it").isEqualTo("b");
        assertThat(begin(both.get(0))).isEqualTo(Lock.TAKEN);
        assertThat(holder()).isNull();
        succeed(both.get(0));
        assertNothingLeft();
    }

    @Test
    void run_after_one_waits_with_the_newest_content_and_follows_at_once() {
        assertAccepted(enqueue("a", RUN_AFTER), "a");
        Claim a = run();
        assertAccepted(enqueue("b", RUN_AFTER), "b");
        assertReplaced(enqueue("c", RUN_AFTER), "b");
        assertReplaced(
                broker.enqueue(Task.of("t", "newest")
                        .withId("d")
                        .withPriority(Priority.LOW)
                        .unique(RUN_AFTER)),
                "b");
        assertThat(session.claim(10).claims()).isEmpty();
        assertThat(broker.stats().scheduled()).isEqualTo(1);
        assertThat(broker.find("b", 10).place()).isPresent();
        succeed(a);
        assertThat(holder()).isEqualTo("b");
        assertHeld(LEAST_HOLD);
        assertThat(broker.stats().scheduled()).isZero();
        Claim b = run();
        assertThat(b.task().id()).isEqualTo("b");
        assertThat(b.task().payload()).isEqualTo(RawJson.of("newest"));
        assertThat(b.task().priority()).isEqualTo(Priority.LOW);
        assertRejected(enqueue("e", REJECT), "b");
        succeed(b);
        assertNothingLeft();
    }

    @Test
    void one_that_waits_for_the_key_and_for_its_time_follows_when_both_have_come() {
        enqueue("a", RUN_AFTER);
        broker.enqueue(Task.of("t", 1).withId("b").unique(RUN_AFTER).in(Duration.ofHours(1)));
        succeed(run());
        assertThat(holder()).isEqualTo("b");
        assertThat(session.claim(10).claims()).isEmpty();
        assertThat(session.promote(10).orElseThrow()).isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
    }

    @Test
    void one_that_waits_and_was_taken_out_does_not_follow() {
        enqueue("a", RUN_AFTER);
        enqueue("b", RUN_AFTER);
        redis.client().del(redis.key("scheduled"));
        assertAccepted(enqueue("c", RUN_AFTER), "c");
        redis.client().del(redis.key("scheduled"));
        succeed(run());
        assertNothingLeft();
    }

    @Test
    void one_that_waits_behind_a_holder_that_got_lost_takes_the_key_when_that_is_free() {
        enqueue("a", RUN_AFTER);
        enqueue("b", RUN_AFTER);
        assertThat(session.promote(10).orElseThrow()).isGreaterThan(LEAST_HOLD);
        redis.client().del(redis.queue(), redis.key("unique:k"));
        redis.client()
                .zadd(
                        redis.key("scheduled"),
                        1,
                        redis.client().zrange(redis.key("scheduled"), 0, -1).get(0));
        session.promote(10);
        Claim b = run();
        assertThat(holder()).isEqualTo("b");
        succeed(b);
        assertNothingLeft();
    }

    @Test
    void replace_the_newest_content_runs_in_the_place_of_the_oldest() {
        assertAccepted(enqueue("a", REPLACE), "a");
        broker.enqueue("t", "behind");
        String entry = redis.client().lrange(redis.queue(), -1, -1).get(0);
        assertReplaced(enqueue("b", REPLACE), "a");
        assertReplaced(broker.enqueue(Task.of("u", List.of()).withId("c").unique(REPLACE)), "a");
        assertThat(redis.client().lrange(redis.queue(), -1, -1)).containsExactly(entry);
        Claim a = session.claim(1).claims().get(0);
        assertReplaced(
                broker.enqueue(Task.of("u", List.of(1L << 60))
                        .withId("d")
                        .withMaxRetries(7)
                        .withIdempotencyKey("i")
                        .unique(REPLACE)),
                "a");
        assertThat(begin(a)).isEqualTo(Lock.TAKEN);
        assertThat(a.task().id()).isEqualTo("a");
        assertThat(a.task().type()).isEqualTo("u");
        assertThat(a.task().maxRetries()).isEqualTo(7);
        assertThat(a.task().payload()).hasToString("[1152921504606846976]");
        assertThat(redis.client().get(redis.key("idempotency:i"))).startsWith("run:a:");
        assertRejected(enqueue("e", REPLACE), "a");
        assertThat(begin(a)).as("asked again, as after a lost reply").isEqualTo(Lock.TAKEN);
        settle(new Outcome.Retry(a, a.task().withFailure("no"), Duration.ofDays(1), RAN));
        assertRejected(enqueue("f", REPLACE), "a");
        String retried = redis.client().zrange(redis.key("scheduled"), 0, -1).get(0);
        assertThat(retried).contains("\"retry\":1", "[1152921504606846976]");
    }

    @Test
    void one_that_is_given_back_before_its_handler_was_called_can_be_replaced_again() {
        enqueue("a", REPLACE);
        Claim ahead = run();
        assertRejected(enqueue("b", REPLACE), "a");
        settle(new Outcome.Released(ahead));
        assertReplaced(enqueue("c", REPLACE), "a");
        Claim begun = run();
        assertThat(begun.task().payload()).isEqualTo(RawJson.of("c"));
        begun.begin();
        settle(new Outcome.Released(begun));
        assertRejected(enqueue("d", REPLACE), "a");
        settle(new Outcome.Released(run()));
        assertRejected(enqueue("e", REPLACE), "a");
        Claim last = run();
        assertThat(last.task().payload()).isEqualTo(RawJson.of("c"));
        succeed(last);
        assertNothingLeft();
    }

    @Test
    void a_claim_whose_begin_lost_its_reply_does_not_run_beside_the_one_that_is_found_anew() {
        enqueue("a", REPLACE);
        Claim a = claim();
        enqueue("b", REPLACE);
        Claim lost = new Claim(a.raw(), a.task(), Optional.empty(), true);
        assertThat(begin(lost)).isEqualTo(Lock.TAKEN);
        assertThat(begin(a)).isEqualTo(Lock.GONE);
        assertThat(session.settle(List.of(new Outcome.Released(a)))).containsExactly(Settled.STALE);
        Claim anew = session.adopt(List.of(a)).claims().get(0);
        assertThat(anew.task().payload()).isEqualTo(RawJson.of("b"));
        assertThat(begin(anew)).isEqualTo(Lock.TAKEN);
        succeed(anew);
        assertNothingLeft();
    }

    @Test
    void a_replacement_that_frees_the_key_at_its_start_does_so() {
        enqueue("a", REPLACE);
        enqueue("b", REPLACE.until(Until.START));
        Claim a = run();
        assertThat(a.task().payload()).isEqualTo(RawJson.of("b"));
        assertThat(holder()).isNull();
        assertThat(BrokerSession.mustBegin(a)).isFalse();
        succeed(a);
        assertNothingLeft();
    }

    @Test
    void one_that_was_pushed_bare_takes_the_key_or_gives_way_as_it_says() {
        redis.client().lpush(redis.queue(), "{\"unique\":{\"key\":\"k\"},\"payload\":1,\"id\":\"a\",\"type\":\"t\"}");
        Claim a = claim();
        assertThat(a.task().unique()).contains(REJECT);
        assertThat(begin(a)).isEqualTo(Lock.TAKEN);
        assertHeld(LEAST_HOLD);
        assertRejected(enqueue("b", REJECT), "a");
        redis.client().lpush(redis.queue(), "{\"unique\":{\"key\":\"k\"},\"id\":\"b\",\"type\":\"t\"}");
        Claim b = claim();
        assertThat(begin(b)).isEqualTo(Lock.DONE);
        settle(new Outcome.Duplicate(b, false));
        assertThat(broker.status("b").orElseThrow().state()).isEqualTo(TaskState.DUPLICATE);
        assertThat(holder()).isEqualTo("a");
        redis.client()
                .lpush(
                        redis.queue(),
                        "{\"unique\":{\"key\":\"k\",\"or_else\":\"run_after\"},\"id\":\"c\",\"type\":\"t\"}");
        Claim c = claim();
        assertThat(begin(c)).isEqualTo(Lock.BUSY);
        settle(new Outcome.Deferred(c, Duration.ZERO));
        succeed(a);
        session.promote(10);
        c = run();
        assertThat(holder()).isEqualTo("c");
        succeed(c);
        assertNothingLeft();
    }

    @Test
    void one_that_was_pushed_bare_and_replaces_gives_its_content_to_a_holder_that_has_not_begun() {
        enqueue("a", REPLACE);
        Claim a = claim();
        redis.client()
                .lpush(
                        redis.queue(),
                        "{\"payload\":\"bare\",\"unique\":{\"key\":\"k\",\"or_else\":\"replace\"},\"x\":1,\"type\":\"t\"}");
        Claim bare = claim();
        assertThat(begin(bare)).isEqualTo(Lock.DONE);
        settle(new Outcome.Duplicate(bare, false));
        assertThat(begin(a)).isEqualTo(Lock.TAKEN);
        assertThat(a.task().payload()).isEqualTo(RawJson.of("bare"));
        assertThat(a.task().extraFields()).containsEntry("x", RawJson.of(1));
    }

    @Test
    void a_key_of_another_type_is_the_trouble_of_its_tasks_alone() {
        redis.client().set(redis.key("unique:k"), "text");
        assertThatThrownBy(() -> enqueue("a", REJECT)).hasMessageContaining("WRONGTYPE");
        redis.client().lpush(redis.queue(), "{\"unique\":{\"key\":\"k\"},\"id\":\"a\",\"type\":\"t\"}");
        Claim a = claim();
        assertThat(begin(a)).isEqualTo(Lock.UNIQUE_UNUSABLE);
        settle(new Outcome.Dead(a, a.task(), "unique key unusable", RAN));
        assertThat(broker.stats().dead()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"next\":\"x\"", "\"next\":\"x\",\"next_id\":\"y\",\"next_due\":\"z\""})
    void a_key_that_somebody_else_wrote_harms_nothing(String fields) {
        enqueue("a", REJECT);
        Claim a = run();
        RawJson.readMembers(
                Bytes.bytes("{" + fields + "}"),
                (name, value) -> redis.client()
                        .hset(redis.key("unique:k"), name, value.stringValue().orElseThrow()));
        redis.client().zadd(redis.key("scheduled"), 1e15, "x");
        succeed(a);
        redis.client().del(redis.key("scheduled"), redis.key("unique:k"), redis.queue());
        assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "\"k\"",
                "[]",
                "true",
                "{}",
                "{\"key\":1}",
                "{\"key\":\" \"}",
                "{\"key\":\"k\",\"until\":\"never\"}",
                "{\"key\":\"k\",\"or_else\":2}",
                "{\"key\":\"k\",\"or_else\":\"RUN_AFTER\"}",
                "{\"key\":\"k\",\"ttl_ms\":0}",
                "{\"key\":\"k\",\"ttl_ms\":1e999}",
                "{\"key\":\"k\",\"ttl_ms\":9223372036854775807}",
                "{\"key\":\"k\",\"freed\":1}"
            })
    void a_field_that_says_nothing_sensible_is_malformed(String unique) {
        redis.client().lpush(redis.queue(), "{\"type\":\"t\",\"unique\":" + unique + "}");
        ClaimBatch batch = session.claim(10);
        assertThat(batch.claims()).isEmpty();
        assertThat(batch.malformed()).isEqualTo(1);
        assertThat(redis.client().lrange(redis.key("dead"), 0, -1).get(0)).contains("unique");
    }

    @ParameterizedTest
    @MethodSource("dev.taskqueue.testing.EvilValues#names")
    void any_name_is_a_key_and_any_id_holds_it(String name) {
        Unique unique = Unique.by(name).orElse(OrElse.RUN_AFTER);
        assertAccepted(enqueue(name, unique), name);
        Claim first = run();
        assertAccepted(enqueue("second", unique), "second");
        assertReplaced(enqueue("3", unique), "second");
        succeed(first);
        Claim second = run();
        assertThat(second.task().id()).isEqualTo("second");
        assertThat(second.task().payload()).isEqualTo(RawJson.of("3"));
        succeed(second);
        assertThat(redis.client().keys(redis.key("unique:*"))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.taskqueue.testing.EvilValues#illegalNames")
    void a_key_that_is_no_name_is_refused(String name) {
        assertThatThrownBy(() -> Unique.by(name)).isInstanceOf(InvalidTaskException.class);
    }
}
