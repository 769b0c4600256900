package dev.taskqueue.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.args.ListDirection;

/** How tasks of lost workers come back, step by step. Time is turned by hand: by the heartbeats in Redis. */
class RecoveryTest {

    private static final Duration LEASE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    private BrokerSession lost;
    private BrokerSession reaper;

    @BeforeEach
    void open() {
        broker = redis.broker();
        lost = broker.session("lost", LEASE);
        lost.beat(List.of());
        reaper = broker.session("reaper", LEASE);
        reaper.beat(List.of());
    }

    @AfterEach
    void close() {
        broker.close();
    }

    private void letLeaseRunOut(String worker) {
        redis.client().zincrby(redis.key("workers"), -LEASE.toMillis() - 1_000, worker);
    }

    private static List<Integer> numbers(List<Claim> claims) {
        return claims.stream()
                .map(claim -> claim.task().payload().tree().intValue())
                .toList();
    }

    private Recovered recoverAll() {
        List<String> back = new ArrayList<>();
        List<String> dead = new ArrayList<>();
        String worker = "";
        for (var step = reaper.recover(); step.size() > 0; step = reaper.recover()) {
            back.addAll(step.taskIds());
            dead.addAll(step.deadIds());
            worker = step.worker();
        }
        return new Recovered(worker, back, dead);
    }

    @Test
    void tasks_come_back_to_the_consuming_end_in_their_order() {
        broker.enqueueAll(IntStream.range(0, 130).mapToObj(i -> Task.of("t", i)).toList());
        assertThat(lost.claim(120).claims()).hasSize(120);
        letLeaseRunOut("lost");
        assertThat(recoverAll().taskIds()).hasSize(120);
        assertThat(numbers(reaper.claim(200).claims()))
                .isEqualTo(IntStream.range(0, 130).boxed().toList());
    }

    @Test
    void each_goes_back_to_its_lane() {
        broker.enqueue(Task.of("t", 0));
        broker.enqueue(Task.of("t", 1).withPriority(Priority.LOW));
        broker.enqueue(Task.of("t", 2).withPriority(Priority.HIGH));
        lost.claim(3);
        broker.enqueue(Task.of("t", 3));
        letLeaseRunOut("lost");
        recoverAll();
        assertThat(numbers(reaper.claim(9).claims())).containsExactly(2, 0, 3, 1);
    }

    @Test
    void a_worker_within_its_lease_keeps_its_tasks() {
        broker.enqueue("t", 1);
        lost.claim(1);
        assertThat(reaper.recover().size()).isZero();
        assertThat(broker.stats().processing()).isEqualTo(1);
    }

    @Test
    void a_paused_worker_that_comes_back_settles_nothing_that_is_no_longer_its_own() {
        String id = broker.enqueue(Task.of("t", 1).withIdempotencyKey("k"));
        Claim stale = lost.claim(1).claims().get(0);
        lost.begin(List.of(stale));
        letLeaseRunOut("lost");
        recoverAll();
        redis.client().del(redis.key("idempotency:k"));
        Claim fresh = reaper.claim(1).claims().get(0);
        reaper.begin(List.of(fresh));
        lost.beat(List.of(stale));
        assertThat(redis.client().zscore(redis.key("workers"), "lost")).isNotNull();
        Outcome late = new Outcome.Succeeded(stale, Duration.ZERO, Optional.of(RawJson.parse("\"late\"")));
        assertThat(lost.settle(List.of(late))).containsExactly(Settled.STALE);
        lost.markRunning(Map.of(stale, Duration.ZERO));
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.PENDING);
        assertThat(redis.client().get(redis.key("idempotency:k")))
                .isEqualTo(fresh.lockToken().orElseThrow());
        assertThat(reaper.settle(List.of(new Outcome.Succeeded(fresh, Duration.ZERO, Optional.empty()))))
                .containsExactly(Settled.YES);
    }

    @Test
    void a_poison_task_lies_in_dead_after_the_third_recovery_with_that_reason() throws Exception {
        String id = broker.enqueue(Task.of("t", List.of()));
        for (int i = 1; i <= 3; i++) {
            assertThat(lost.claim(1).claims()).hasSize(1);
            letLeaseRunOut("lost");
            assertThat(recoverAll().taskIds()).containsExactly(id);
            assertThat(broker.status(id).orElseThrow().recoveries()).isEqualTo(i);
            lost.beat(List.of());
            reaper.promote(10);
        }
        lost.claim(1);
        letLeaseRunOut("lost");
        assertThat(recoverAll().deadIds()).containsExactly(id);
        JsonNode dead = new ObjectMapper().readTree(redis.client().lindex(redis.key("dead"), 0));
        assertThat(dead.get("id").textValue()).isEqualTo(id);
        assertThat(dead.get("reason").textValue()).startsWith("poison: taken back from a lost worker");
        assertThat(dead.get("payload").toString()).isEqualTo("[]");
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.DEAD);
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void what_was_at_hand_beside_a_poison_pill_survives_it() {
        List<Task> tasks = IntStream.range(0, 12).mapToObj(i -> Task.of("t", i)).toList();
        broker.enqueueAll(tasks);
        String poison = tasks.get(0).id();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            reaper.promote(100);
            List<Claim> claims = lost.claim(100).claims();
            if (claims.stream().anyMatch(claim -> claim.task().id().equals(poison))) {
                letLeaseRunOut("lost");
                recoverAll();
                lost.beat(List.of());
            } else {
                lost.settle(claims.stream()
                        .map(claim -> new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty()))
                        .toList());
            }
            return broker.stats().unfinished() == 0;
        });
        assertThat(broker.stats().dead()).isEqualTo(1);
        assertThat(broker.status(poison).orElseThrow().state()).isEqualTo(TaskState.DEAD);
        assertThat(tasks.subList(1, 12))
                .allMatch(task -> broker.status(task.id()).orElseThrow().state() == TaskState.SUCCEEDED);
    }

    @Test
    void a_count_of_a_wrong_type_keeps_no_task_from_coming_back() {
        String id = broker.enqueue("t", 1);
        lost.claim(1);
        redis.client().lpush(redis.key("recoveries:" + id), "not a number");
        letLeaseRunOut("lost");
        assertThat(recoverAll().taskIds()).containsExactly(id);
        assertThat(broker.stats().normal()).isEqualTo(1);
    }

    @Test
    void bytes_that_are_no_task_are_counted_and_buried_too() {
        redis.client().lpush(redis.queue(), "no task");
        for (int i = 0; i <= 3; i++) {
            redis.client().lmove(redis.queue(), redis.key("processing:lost"), ListDirection.RIGHT, ListDirection.LEFT);
            letLeaseRunOut("lost");
            assertThat(recoverAll().size()).isEqualTo(1);
            lost.beat(List.of());
            reaper.promote(10);
        }
        assertThat(broker.stats().dead()).isEqualTo(1);
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void a_list_whose_worker_is_in_no_register_is_found_and_taken_back_after_one_lease() {
        String id = broker.enqueue("t", 1);
        lost.claim(1);
        redis.client().zrem(redis.key("workers"), "lost");
        assertThat(reaper.recover().size()).isZero();
        List<String> found = new ArrayList<>();
        await().until(() -> found.addAll(reaper.registerOrphans()));
        assertThat(found).containsExactly("lost");
        assertThat(reaper.recover().size()).isZero();
        letLeaseRunOut("lost");
        assertThat(recoverAll().taskIds()).containsExactly(id);
    }

    @Test
    void an_orphan_that_lives_registers_itself_and_keeps_its_tasks() {
        broker.enqueue("t", 1);
        lost.claim(1);
        redis.client().del(redis.key("workers"));
        await().until(() -> reaper.registerOrphans().contains("lost"));
        letLeaseRunOut("lost");
        lost.beat(List.of());
        assertThat(reaper.recover().size()).isZero();
    }

    @Test
    void a_queue_whose_name_is_a_pattern_finds_its_own_orphans_alone() {
        try (RedisBroker star =
                redis.brokerBuilder().queue(redis.queue() + "*[x]?").build()) {
            star.enqueue("t", 1);
            star.session("lost", LEASE).claim(1);
            broker.enqueue("t", 1);
            lost.claim(1);
            redis.client().zrem(redis.key("workers"), "lost");
            BrokerSession session = star.session("reaper", LEASE);
            List<String> found = new ArrayList<>();
            await().until(() -> found.addAll(session.registerOrphans()));
            assertThat(found).containsExactly("lost");
            assertThat(redis.client().zscore(redis.key("workers"), "lost")).isNull();
        }
    }

    @Test
    void a_worker_is_forgotten_only_when_it_has_been_silent_and_empty_for_a_day() {
        letLeaseRunOut("lost");
        reaper.recover();
        assertThat(redis.client().zscore(redis.key("workers"), "lost")).isNotNull();
        redis.client().zincrby(redis.key("workers"), -Duration.ofDays(1).toMillis(), "lost");
        reaper.recover();
        assertThat(redis.client().zscore(redis.key("workers"), "lost")).isNull();
    }

    @Test
    void a_lock_that_was_evicted_is_taken_again_by_the_heartbeat_of_its_worker() {
        broker.enqueue(Task.of("t", 1).withIdempotencyKey("k"));
        Claim claim = lost.claim(1).claims().get(0);
        lost.begin(List.of(claim));
        redis.client().del(redis.key("idempotency:k"));
        lost.beat(List.of(claim));
        assertThat(redis.client().get(redis.key("idempotency:k")))
                .isEqualTo(claim.lockToken().orElseThrow());
        assertThat(redis.client().pttl(redis.key("idempotency:k"))).isBetween(1L, LEASE.toMillis());
    }

    @Test
    void a_status_that_was_evicted_is_whole_again_after_the_end() {
        String id = broker.enqueue("t", 1);
        Claim claim = lost.claim(1).claims().get(0);
        redis.client().del(redis.key("task:" + id));
        lost.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
        assertThat(broker.status(id).orElseThrow().type()).isEqualTo("t");
        assertThat(broker.status(id).orElseThrow().createdAt()).isPresent();
        assertThat(redis.client().ttl(redis.key("task:" + id))).isPositive();
    }
}
