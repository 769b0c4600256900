package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Cancellation;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.Unique;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** An attempt that fails by itself before its worker has heard that the task is cancelled ends it as cancelled all the same. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class CancelledFailureTest extends BrokerFixture {

    private static final Duration RAN = Duration.ofMillis(5);

    CancelledFailureTest(RedisServer server) {
        super(server);
    }

    private static Outcome retry(Claim claim) {
        return new Outcome.Retry(claim, claim.task().withFailure("failed"), Duration.ofHours(1), RAN);
    }

    private static Outcome die(Claim claim) {
        return new Outcome.Dead(claim, claim.task().withLastError("failed"), "retries exhausted", RAN);
    }

    private static Outcome succeed(Claim claim) {
        return new Outcome.Succeeded(claim, RAN, Optional.empty());
    }

    private Claim run() {
        Claim claim = session.claim(1).claims().get(0);
        if (BrokerSession.mustBegin(claim)) {
            session.begin(List.of(claim), () -> List.of(claim));
        }
        return claim;
    }

    private void leaveTombstone(String id) {
        redis.client().hset(redis.key("cancelled"), id, System.currentTimeMillis() + " why");
    }

    @Test
    void it_is_neither_retried_nor_dead_and_gives_up_what_it_holds() {
        for (Function<Claim, Outcome> failure :
                List.<Function<Claim, Outcome>>of(CancelledFailureTest::retry, CancelledFailureTest::die)) {
            Task task = Task.of("t", 1).withIdempotencyKey("i").unique(Unique.by("u"));
            broker.enqueue(task);
            Claim claim = run();
            assertThat(broker.cancel(task.id(), "why")).isEqualTo(Cancellation.REQUESTED);
            assertThat(session.settle(List.of(failure.apply(claim)))).containsExactly(Settled.CANCELLED);
            TaskStatus status = broker.status(task.id()).orElseThrow();
            assertThat(status.state()).isEqualTo(TaskState.CANCELLED);
            assertThat(status.cancelReason()).contains("why");
            assertThat(status.attempts()).isOne();
            assertThat(redis.client().ttl(redis.key("task:" + task.id()))).isPositive();
            assertThat(claim.cancelReason()).isEqualTo("why");
            assertThat(broker.stats().unfinished() + broker.stats().dead()).isZero();
            assertThat(redis.client().keys(redis.key("unique:*"))).isEmpty();
            assertThat(redis.client().keys(redis.key("idempotency:*"))).isEmpty();
            assertThat(session.settle(List.of(failure.apply(claim))))
                    .as("sent again, as after a lost reply")
                    .containsExactly(Settled.STALE);
        }
    }

    @Test
    void of_many_outcomes_each_becomes_what_it_is() {
        List<Task> tasks = IntStream.range(0, 40).mapToObj(i -> Task.of("t", i)).toList();
        broker.enqueueAll(tasks);
        List<Outcome> outcomes = new ArrayList<>();
        List<Settled> expected = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            Claim claim = run();
            boolean cancelled = i % 3 == 0;
            boolean fails = i % 2 == 0;
            if (cancelled) {
                broker.cancel(claim.task().id(), "why");
            }
            outcomes.add(!fails ? succeed(claim) : i % 4 == 0 ? retry(claim) : die(claim));
            expected.add(cancelled && fails ? Settled.CANCELLED : Settled.YES);
        }
        assertThat(session.settle(outcomes)).isEqualTo(expected);
        assertThat(broker.stats().processing()).isZero();
        assertThat(broker.stats().scheduled() + broker.stats().dead()).isEqualTo(13);
        for (int i = 0; i < tasks.size(); i++) {
            TaskState state = broker.status(tasks.get(i).id()).orElseThrow().state();
            assertThat(state == TaskState.CANCELLED).as("task %s", i).isEqualTo(expected.get(i) == Settled.CANCELLED);
        }
    }

    @Test
    void without_statuses_too() {
        try (RedisBroker untracked =
                redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build()) {
            Task task = Task.of("t", 1);
            untracked.enqueue(task);
            BrokerSession own = BrokerEngine.of(untracked).session("w2", LEASE);
            Claim claim = own.claim(1).claims().get(0);
            leaveTombstone(task.id());
            assertThat(own.settle(List.of(retry(claim)))).containsExactly(Settled.CANCELLED);
            assertThat(untracked.stats().unfinished()).isZero();
            assertThat(untracked.status(task.id())).isEmpty();
        }
    }

    @Test
    void one_that_the_worker_no_longer_holds_is_left_alone() {
        broker.enqueue("t", 1);
        Claim claim = run();
        leaveTombstone(claim.task().id());
        redis.client().del(redis.key("processing:w1"));
        assertThat(session.settle(List.of(retry(claim)))).containsExactly(Settled.STALE);
        assertThat(broker.status(claim.task().id()).orElseThrow().state()).isEqualTo(TaskState.PENDING);
    }

    @Test
    void a_key_of_a_wrong_type_in_the_place_of_the_tombstones_keeps_no_failure_from_being_retried() {
        redis.client().lpush(redis.key("cancelled"), "x");
        broker.enqueue("t", 1);
        assertThat(session.settle(List.of(retry(run())))).containsExactly(Settled.YES);
        assertThat(broker.stats().scheduled()).isOne();
    }

    private Map<String, Long> calls(Runnable requests) {
        Map<String, Long> before = calls();
        requests.run();
        Map<String, Long> after = calls();
        after.replaceAll((command, calls) -> calls - before.getOrDefault(command, 0L));
        return after;
    }

    private Map<String, Long> calls() {
        Map<String, Long> calls = new TreeMap<>();
        Pattern.compile("cmdstat_([a-z]+):calls=(\\d+)")
                .matcher(redis.client().info("commandstats"))
                .results()
                .forEach((MatchResult match) -> calls.put(match.group(1), Long.parseLong(match.group(2))));
        return calls;
    }

    @Test
    void where_nothing_is_cancelled_a_batch_with_failures_takes_one_command_more_and_one_without_none() {
        broker.enqueueAll(IntStream.range(0, 40).mapToObj(i -> Task.of("t", i)).toList());
        List<Outcome> successes =
                IntStream.range(0, 7).mapToObj(i -> succeed(run())).toList();
        assertThat(calls(() -> session.settle(successes)))
                .containsEntry("exists", 0L)
                .containsEntry("hget", 0L);
        List<Outcome> failures =
                IntStream.range(0, 7).mapToObj(i -> retry(run())).toList();
        assertThat(calls(() -> session.settle(failures)))
                .containsEntry("exists", 1L)
                .containsEntry("hget", 0L);
    }
}
