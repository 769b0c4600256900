package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A task with a time lies in {@code scheduled} until then, whoever put it where, and its status says so. */
class DelayTest extends BrokerFixture {

    private static final Duration LATER = Duration.ofMinutes(5);
    private static final Duration SOON = Duration.ofMillis(800);

    private TaskStatus status(Task task) {
        return broker.status(task.id()).orElseThrow();
    }

    private long ready() {
        return broker.stats().ready();
    }

    private String text(Task task) {
        return Bytes.text(broker.format(task));
    }

    private Double score(Task task) {
        return redis.client().zscore(redis.key("scheduled"), text(task));
    }

    private void assertScheduled(Task task) {
        assertThat(score(task)).isEqualTo(task.runAt().orElseThrow().toEpochMilli());
        assertThat(status(task).state()).isEqualTo(TaskState.SCHEDULED);
        assertThat(status(task).nextAttemptAt()).isEqualTo(task.runAt());
    }

    @ParameterizedTest
    @EnumSource
    void a_task_with_a_time_waits_in_scheduled_and_its_status_tells_until_when(Priority lane) {
        Task task = Task.of("t", 1).withPriority(lane).in(LATER);
        broker.enqueue(task);
        assertScheduled(task);
        assertThat(ready()).isZero();
        assertThat(status(task).attempts()).isZero();
        assertThat(redis.client().ttl(redis.key("task:" + task.id()))).isEqualTo(-1);
        TaskSearch search = broker.find(task.id(), 100);
        assertThat(search.place()).contains(TaskSearch.Place.SCHEDULED);
        assertThat(search.dueAt()).isEqualTo(task.runAt());
    }

    @Test
    void a_batch_may_hold_tasks_with_and_without_a_time() {
        List<Task> tasks = IntStream.range(0, 1_200)
                .mapToObj(i -> i % 3 == 0 ? Task.of("t", i).in(LATER.plusMillis(i)) : Task.of("t", i))
                .toList();
        broker.enqueueAll(tasks);
        assertThat(broker.stats().scheduled()).isEqualTo(400);
        assertThat(ready()).isEqualTo(800);
        assertScheduled(tasks.get(0));
        assertScheduled(tasks.get(1_197));
        assertThat(status(tasks.get(1_199)).state()).isEqualTo(TaskState.PENDING);
        assertThat(claimAll())
                .isEqualTo(tasks.stream()
                        .filter(task -> task.runAt().isEmpty())
                        .map(Task::id)
                        .toList());
    }

    private List<String> claimAll() {
        List<String> ids = new ArrayList<>();
        for (List<Claim> page = claim(500); !page.isEmpty(); page = claim(500)) {
            page.forEach(claim -> ids.add(claim.task().id()));
        }
        return ids;
    }

    private List<Claim> claim(int max) {
        return session.claim(max).claims();
    }

    @Test
    void without_statuses_it_is_the_same() {
        try (RedisBroker untracked =
                redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build()) {
            Task task = Task.of("t", 1).in(LATER);
            untracked.enqueue(task);
            untracked.enqueueAll(List.of(Task.of("t", 2), Task.of("t", 3).in(LATER)));
            assertThat(score(task)).isEqualTo(task.runAt().orElseThrow().toEpochMilli());
            assertThat(untracked.stats().scheduled()).isEqualTo(2);
            assertThat(ready()).isOne();
            assertThat(broker.status(task.id())).isEmpty();
        }
    }

    @Test
    void a_time_that_has_come_is_at_once() {
        Task task = Task.of("t", 1).at(Instant.now().minusSeconds(60));
        broker.enqueue(task);
        assertThat(status(task).state()).isEqualTo(TaskState.PENDING);
        assertThat(claim(1))
                .singleElement()
                .satisfies(claim -> assertThat(claim.task()).isEqualTo(task));
    }

    @Test
    void the_same_task_sent_twice_waits_twice() {
        Task task = Task.of("t", 1).in(LATER);
        broker.enqueueAll(Collections.nCopies(3, task));
        broker.enqueue(task);
        assertThat(broker.stats().scheduled()).isEqualTo(4);
    }

    @Test
    void the_lane_tells_an_idle_worker_of_what_is_due_before_its_promoter_looks_next() {
        Task first = Task.of("t", 1).in(SOON);
        broker.enqueue(first);
        assertThat(ready()).isOne();
        assertThat(status(first).state()).isEqualTo(TaskState.SCHEDULED);
        assertThat(status(first).nextAttemptAt()).isEqualTo(first.runAt());
        // While one lies there, the others need not.
        Task second = Task.of("t", 2).in(SOON.dividedBy(2));
        broker.enqueue(second);
        assertScheduled(second);
        assertThat(ready()).isOne();
        List<Claim> claims = claim(5);
        assertThat(claims).hasSize(1);
        session.settle(List.of(new Outcome.NotDue(claims.get(0))));
        assertScheduled(first);
    }

    @Test
    void a_task_beside_it_does_not_keep_a_worker_from_being_told() {
        broker.enqueueAll(List.of(Task.of("t", 1), Task.of("t", 2).in(SOON), Task.of("t", 3)));
        assertThat(ready()).isEqualTo(3);
    }

    @Test
    void nobody_is_told_where_no_worker_is_or_the_queue_is_paused() {
        redis.client().set(redis.key("paused"), "{}");
        broker.enqueue(Task.of("t", 1).in(SOON));
        assertThat(ready()).isZero();
        redis.client().del(redis.key("paused"));
        session.leave();
        broker.enqueue(Task.of("t", 2).in(SOON));
        assertThat(ready()).isZero();
        assertThat(broker.stats().scheduled()).isEqualTo(2);
    }

    @Test
    void a_claim_that_is_not_due_goes_to_scheduled_as_it_is_and_costs_no_attempt() {
        long due = System.currentTimeMillis() + LATER.toMillis();
        String text = "{\"id\":\"a\", \"x\": [], \"type\":\"t\",\"run_at\":" + due + ",\"payload\":1e400}";
        redis.client().lpush(redis.queue(), text);
        List<Claim> claims = claim(1);
        assertThat(session.settle(List.of(new Outcome.NotDue(claims.get(0))))).containsExactly(Settled.YES);
        assertThat(redis.client().zscore(redis.key("scheduled"), text)).isEqualTo(due);
        TaskStatus status = broker.status("a").orElseThrow();
        assertThat(status.state()).isEqualTo(TaskState.SCHEDULED);
        assertThat(status.nextAttemptAt()).contains(Instant.ofEpochMilli(due));
        assertThat(status.attempts()).isZero();
        assertThat(redis.client().exists(redis.key("processing:w1"))).isFalse();
    }

    @Test
    void an_expired_claim_ends_and_gives_its_idempotency_key_up() {
        Task task =
                Task.of("t", 1).withIdempotencyKey("k").expiresAt(Instant.now().minusSeconds(1));
        broker.enqueue(task);
        List<Claim> claims = claim(1);
        session.begin(claims, () -> claims);
        session.settle(List.of(new Outcome.Expired(claims.get(0))));
        TaskStatus status = status(task);
        assertThat(status.state()).isEqualTo(TaskState.EXPIRED);
        assertThat(status.state().isFinal()).isTrue();
        assertThat(status.finishedAt()).isPresent();
        assertThat(status.attempts()).isZero();
        assertThat(redis.client().ttl(redis.key("task:" + task.id()))).isBetween(86_000L, 86_400L);
        assertThat(redis.client().exists(redis.key("idempotency:k"))).isFalse();
        assertThat(broker.stats().dead()).isZero();
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void what_is_due_is_promoted_in_order_and_not_before() {
        long now = System.currentTimeMillis();
        List<Task> tasks = IntStream.range(0, 250)
                .mapToObj(i -> Task.of("t", i).at(Instant.ofEpochMilli(now - 1_000 - i)))
                .toList();
        tasks.forEach(task -> redis.client()
                .zadd(redis.key("scheduled"), task.runAt().orElseThrow().toEpochMilli(), text(task)));
        Task later = Task.of("t", -1).in(LATER);
        broker.enqueue(later);
        while (session.promote(100).orElseThrow().isZero()) {}
        List<String> expected = new ArrayList<>(tasks.stream().map(Task::id).toList());
        Collections.reverse(expected);
        assertThat(claimAll()).isEqualTo(expected);
        assertScheduled(later);
    }

    @Test
    void a_task_that_scheduled_cannot_take_is_refused_and_those_before_it_are_named() {
        redis.client().set(redis.key("scheduled"), "no set");
        Task task = Task.of("t", 1).in(LATER);
        assertThatThrownBy(() -> broker.enqueue(task)).isInstanceOf(BrokerUnavailableException.class);
        assertThat(broker.status(task.id())).isEmpty();
        Task first = Task.of("t", 2);
        assertThatThrownBy(() -> broker.enqueueAll(List.of(first, task)))
                .isInstanceOfSatisfying(
                        OutcomeUnknownException.class,
                        e -> assertThat(e.acceptedIds()).containsExactly(first.id()));
    }

    @Test
    void a_task_taken_back_before_its_time_is_scheduled_still() {
        Task task = Task.of("t", 1).in(SOON.plusSeconds(60));
        redis.client().lpush(redis.queue(), text(task));
        claim(1);
        redis.letBeSilent("w1", LEASE);
        BrokerSession other = BrokerEngine.of(broker).session("w2", LEASE);
        other.beat();
        assertThat(other.recover().taskIds()).containsExactly(task.id());
        assertThat(status(task).state()).isEqualTo(TaskState.SCHEDULED);
        assertThat(status(task).nextAttemptAt()).isEqualTo(task.runAt());
        assertThat(other.claim(1).claims())
                .singleElement()
                .satisfies(claim -> assertThat(claim.task()).isEqualTo(task));
    }
}
