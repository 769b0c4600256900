package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * While the idempotency key tells that a task has succeeded, no second copy of that task changes its status, in whatever
 * order the two are claimed, settled, lost and recovered.
 */
class SuccessStandsTest extends BrokerFixture {

    private final Task task = Task.of("t", 1).withIdempotencyKey("k");

    private Claim claimOne() {
        return session.claim(1).claims().get(0);
    }

    private Optional<TaskStatus> status() {
        return broker.status(task.id());
    }

    private void succeed(Claim claim) {
        session.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.of(RawJson.parse("7")))));
    }

    private void assertSuccessStands() {
        assertThat(status().orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(status().orElseThrow().result()).contains("7");
        assertThat(redis.client().pttl(redis.key("task:" + task.id()))).isPositive();
    }

    /** Claims two copies, of which the first holds the lock. */
    private List<Claim> claimTwo() {
        broker.enqueue(task);
        broker.enqueue(task);
        List<Claim> claims = session.claim(2).claims();
        assertThat(session.begin(claims, () -> claims)).extracting(Enum::name).containsExactly("TAKEN", "BUSY");
        return claims;
    }

    private void runCopyToItsEnd() {
        await().until(() -> {
            session.promote(10);
            return broker.stats().normal() == 1;
        });
        Claim copy = claimOne();
        assertThat(session.begin(List.of(copy), List::of))
                .extracting(Enum::name)
                .containsExactly("DONE_BY_ITSELF");
        session.settle(List.of(new Outcome.Duplicate(copy, true)));
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void a_copy_that_found_the_lock_busy_and_is_deferred_after_the_success() {
        List<Claim> copies = claimTwo();
        succeed(copies.get(0));
        session.settle(List.of(new Outcome.Deferred(copies.get(1), Duration.ZERO)));
        assertSuccessStands();
        runCopyToItsEnd();
        assertSuccessStands();
    }

    @Test
    void a_copy_that_is_deferred_before_the_success() {
        List<Claim> copies = claimTwo();
        session.settle(List.of(new Outcome.Deferred(copies.get(1), Duration.ZERO)));
        assertThat(status().orElseThrow().state()).isEqualTo(TaskState.PENDING);
        succeed(copies.get(0));
        assertSuccessStands();
        runCopyToItsEnd();
        assertSuccessStands();
    }

    @Test
    void both_in_one_step() {
        List<Claim> copies = claimTwo();
        session.settle(List.of(
                new Outcome.Succeeded(copies.get(0), Duration.ZERO, Optional.of(RawJson.parse("7"))),
                new Outcome.Deferred(copies.get(1), Duration.ZERO)));
        assertSuccessStands();
        runCopyToItsEnd();
        assertSuccessStands();
    }

    @Test
    void a_copy_that_is_given_back_after_the_success() {
        List<Claim> copies = claimTwo();
        succeed(copies.get(0));
        session.settle(List.of(new Outcome.Released(copies.get(1))));
        assertSuccessStands();
        runCopyToItsEnd();
        assertSuccessStands();
    }

    @Test
    void a_copy_that_ran_too_as_the_lock_was_evicted_and_fails_after_the_success() {
        broker.enqueue(task);
        broker.enqueue(task);
        List<Claim> copies = session.claim(2).claims();
        session.begin(copies.subList(0, 1), () -> copies);
        redis.client().del(redis.key("idempotency:k"));
        assertThat(session.begin(copies.subList(1, 2), () -> copies))
                .extracting(Enum::name)
                .containsExactly("TAKEN");
        succeed(copies.get(0));
        session.markRunning(Map.of(copies.get(1), Duration.ofSeconds(1)));
        assertSuccessStands();
        session.settle(List.of(
                new Outcome.Retry(copies.get(1), task.withFailure("late"), Duration.ZERO, Duration.ofMillis(1))));
        assertSuccessStands();
        runCopyToItsEnd();
        assertSuccessStands();
    }

    @Test
    void a_copy_whose_worker_is_lost_and_that_is_taken_back() {
        broker.enqueue(task);
        Claim first = claimOne();
        session.begin(List.of(first), List::of);
        broker.enqueue(task);
        BrokerSession lost = BrokerEngine.of(broker).session("lost", LEASE);
        lost.beat();
        assertThat(lost.claim(1).claims()).hasSize(1);
        succeed(first);
        redis.client().zadd(redis.key("workers"), 1, "lost");
        redis.letBeSilent("lost", Duration.ofSeconds(30));
        assertThat(session.recover().taskIds()).containsExactly(task.id());
        assertSuccessStands();
        runCopyToItsEnd();
        assertSuccessStands();
    }

    @Test
    void a_copy_that_is_enqueued_after_the_success() {
        broker.enqueue(task);
        Claim first = claimOne();
        session.begin(List.of(first), List::of);
        succeed(first);
        broker.enqueue(task);
        assertSuccessStands();
        runCopyToItsEnd();
        assertSuccessStands();
    }

    @Test
    void a_status_that_has_expired_before_the_copy_came_tells_a_success_once_more_when_the_copy_has_ended() {
        broker.enqueue(task);
        Claim first = claimOne();
        session.begin(List.of(first), List::of);
        succeed(first);
        redis.client().del(redis.key("task:" + task.id()));
        broker.enqueue(task);
        runCopyToItsEnd();
        assertThat(status().orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(redis.client().pttl(redis.key("task:" + task.id()))).isPositive();
    }

    @Test
    void a_status_that_expires_while_the_copy_waits_tells_a_success_once_more_too() {
        List<Claim> copies = claimTwo();
        succeed(copies.get(0));
        redis.client().del(redis.key("task:" + task.id()));
        session.settle(List.of(new Outcome.Deferred(copies.get(1), Duration.ZERO)));
        runCopyToItsEnd();
        assertThat(status().orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(redis.client().pttl(redis.key("task:" + task.id()))).isPositive();
    }

    @Test
    void a_key_that_is_evicted_before_the_copy_is_settled_takes_no_result_away() {
        broker.enqueue(task);
        Claim first = claimOne();
        session.begin(List.of(first), List::of);
        succeed(first);
        broker.enqueue(task);
        Claim copy = claimOne();
        assertThat(session.begin(List.of(copy), List::of))
                .extracting(Enum::name)
                .containsExactly("DONE_BY_ITSELF");
        redis.client().del(redis.key("idempotency:k"));
        session.settle(List.of(new Outcome.Duplicate(copy, true)));
        assertSuccessStands();
    }

    @Test
    void a_task_that_comes_again_after_its_key_has_expired_runs_again_and_its_status_tells_so() {
        broker.enqueue(task);
        Claim first = claimOne();
        session.begin(List.of(first), List::of);
        succeed(first);
        redis.client().del(redis.key("idempotency:k"));
        broker.enqueue(task);
        assertThat(status().orElseThrow().state()).isEqualTo(TaskState.PENDING);
        assertThat(redis.client().pttl(redis.key("task:" + task.id()))).isEqualTo(-1);
        Claim second = claimOne();
        assertThat(session.begin(List.of(second), List::of))
                .extracting(Enum::name)
                .containsExactly("TAKEN");
        succeed(second);
        assertSuccessStands();
    }

    @Test
    void the_success_of_another_task_of_the_key_is_no_success_of_this_one() {
        Task other = Task.of("t", 2).withIdempotencyKey("k");
        broker.enqueue(task);
        Claim first = claimOne();
        session.begin(List.of(first), List::of);
        succeed(first);
        broker.enqueue(other);
        assertThat(broker.status(other.id()).orElseThrow().state()).isEqualTo(TaskState.PENDING);
        Claim second = claimOne();
        assertThat(session.begin(List.of(second), List::of))
                .extracting(Enum::name)
                .containsExactly("DONE");
        session.settle(List.of(new Outcome.Duplicate(second, false)));
        assertThat(broker.status(other.id()).orElseThrow().state()).isEqualTo(TaskState.DUPLICATE);
        assertSuccessStands();
    }

    @Test
    void a_result_that_reads_like_a_success_is_not_taken_for_one() {
        broker.enqueue(task);
        Claim first = claimOne();
        session.begin(List.of(first), List::of);
        String trap = "{\"state\":\"succeeded\"}";
        session.settle(List.of(
                new Outcome.Dead(first, task.withExtraFields(Map.of()).withLastError(trap), "why", Duration.ZERO)));
        redis.client()
                .set(redis.key("task:" + task.id()), "{\"state\":\"dead\",\"type\":\"t\",\"result\":" + trap + "}");
        broker.enqueue(task);
        assertThat(status().orElseThrow().state()).isEqualTo(TaskState.PENDING);
    }
}
