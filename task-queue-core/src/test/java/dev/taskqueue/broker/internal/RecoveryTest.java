package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
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
        lost = BrokerEngine.of(broker).session("lost", LEASE);
        lost.beat();
        reaper = BrokerEngine.of(broker).session("reaper", LEASE);
        reaper.beat();
    }

    private void letLeaseRunOut(String worker) {
        redis.letBeSilent(worker, LEASE);
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
        String id = broker.enqueue(Task.of("t", 1).withIdempotencyKey("k")).id();
        Claim stale = lost.claim(1).claims().get(0);
        lost.begin(List.of(stale), List::of);
        letLeaseRunOut("lost");
        recoverAll();
        redis.client().del(redis.key("idempotency:k"));
        Claim fresh = reaper.claim(1).claims().get(0);
        reaper.begin(List.of(fresh), List::of);
        lost.beat();
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

    private void takeBackThreeTimes(int tasks) {
        for (int i = 1; i <= 3; i++) {
            assertThat(lost.claim(tasks).claims()).hasSize(tasks);
            letLeaseRunOut("lost");
            assertThat(recoverAll().taskIds()).hasSize(tasks);
            lost.beat();
        }
    }

    @Test
    void a_task_that_kills_its_worker_in_its_trial_lies_in_dead_with_that_reason() throws Exception {
        String id = broker.enqueue(Task.of("t", List.of())).id();
        takeBackThreeTimes(1);
        assertThat(broker.status(id).orElseThrow().recoveries()).isEqualTo(3);
        lost.claim(1);
        letLeaseRunOut("lost");
        assertThat(recoverAll().taskIds()).containsExactly(id);
        assertThat(broker.stats().suspects()).isEqualTo(1);
        lost.beat();
        assertThat(lost.reserveTrial()).isTrue();
        assertThat(lost.beginTrial(true).claims()).hasSize(1);
        letLeaseRunOut("lost");
        assertThat(recoverAll().deadIds()).containsExactly(id);
        JsonNode dead = new ObjectMapper().readTree(redis.client().lindex(redis.key("dead"), 0));
        assertThat(dead.get("id").textValue()).isEqualTo(id);
        assertThat(dead.get("reason").textValue()).startsWith("poison: its worker died in its trial");
        assertThat(dead.get("payload").toString()).isEqualTo("[]");
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.DEAD);
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void what_lay_beside_a_task_on_trial_is_not_charged() {
        String suspect = broker.enqueue("t", 0).id();
        takeBackThreeTimes(1);
        lost.claim(1);
        letLeaseRunOut("lost");
        recoverAll();
        lost.beat();
        String innocent = broker.enqueue("t", 1).id();
        lost.claim(1);
        assertThat(lost.reserveTrial()).isTrue();
        lost.beginTrial(true);
        letLeaseRunOut("lost");
        Recovered recovered = recoverAll();
        assertThat(recovered.taskIds()).containsExactly(innocent);
        assertThat(recovered.deadIds()).containsExactly(suspect);
        assertThat(broker.status(innocent).orElseThrow().recoveries()).isZero();
        assertThat(redis.client().exists(redis.key("trial"))).isFalse();
    }

    @Test
    void no_suspect_is_tried_while_the_queue_is_paused() {
        redis.client().rpush(redis.key("suspects"), "{\"id\":\"s\",\"type\":\"t\"}");
        redis.client().set(redis.key("paused"), "{}");
        assertThat(lost.reserveTrial()).isFalse();
        redis.client().del(redis.key("paused"));
        assertThat(lost.reserveTrial()).isTrue();
    }

    @Test
    void who_survives_the_trial_is_as_good_as_new() {
        String id = broker.enqueue("t", 0).id();
        takeBackThreeTimes(1);
        lost.claim(1);
        letLeaseRunOut("lost");
        recoverAll();
        assertThat(reaper.reserveTrial()).isTrue();
        assertThat(BrokerEngine.of(broker).session("third", LEASE).reserveTrial())
                .isFalse();
        List<Claim> claims = reaper.beginTrial(true).claims();
        reaper.settle(List.of(new Outcome.Succeeded(claims.get(0), Duration.ZERO, Optional.empty())));
        reaper.endTrial(claims);
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(broker.status(id).orElseThrow().recoveries()).isZero();
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void a_trial_beside_others_convicts_only_who_is_there_again_and_again() {
        String id = broker.enqueue("t", 0).id();
        takeBackThreeTimes(1);
        lost.claim(1);
        letLeaseRunOut("lost");
        recoverAll();
        for (int recoveries = 5; recoveries <= 9; recoveries++) {
            lost.beat();
            assertThat(lost.reserveTrial()).isTrue();
            assertThat(lost.beginTrial(false).claims()).hasSize(1);
            letLeaseRunOut("lost");
            assertThat(recoverAll().deadIds()).hasSize(recoveries <= 8 ? 0 : 1);
        }
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.DEAD);
    }

    @Test
    void what_has_no_id_of_its_own_has_never_begun_and_is_not_counted() {
        redis.client().lpush(redis.queue(), "{\"type\":\"t\"}", "{\"type\":\"t\"}", "no task");
        for (int i = 0; i < 6; i++) {
            for (int moved = 0; moved < 3; moved++) {
                redis.client()
                        .lmove(redis.queue(), redis.key("processing:lost"), ListDirection.RIGHT, ListDirection.LEFT);
            }
            letLeaseRunOut("lost");
            assertThat(recoverAll().size()).isEqualTo(3);
            lost.beat();
        }
        assertThat(broker.stats().dead()).isZero();
        assertThat(broker.stats().normal()).isEqualTo(3);
    }

    @Test
    void a_list_that_cannot_be_recovered_holds_up_no_other() {
        for (String name : List.of("a", "b", "c")) {
            BrokerSession session = BrokerEngine.of(broker).session(name, LEASE);
            session.beat();
            broker.enqueue("t", 1);
            session.claim(1);
            letLeaseRunOut(name);
        }
        redis.client().rename(redis.key("processing:a"), redis.key("elsewhere"));
        redis.client().sadd(redis.key("processing:a"), "no list");
        assertThat(recoverAll().size()).isPositive();
        assertThat(broker.stats().normal()).isEqualTo(2);
    }

    @Test
    void ghosts_hide_nobody() {
        for (int i = 0; i < 150; i++) {
            redis.client().zadd(redis.key("workers"), i, "a-ghost-" + i);
        }
        String id = broker.enqueue("t", 1).id();
        lost.claim(1);
        letLeaseRunOut("lost");
        assertThat(recoverAll().taskIds()).containsExactly(id);
    }

    /** A visit adds what has passed since the last one, which a test turns back by hand. */
    private void letPass(Duration time, String worker) {
        String[] record = redis.client().hget(redis.key("silence"), worker).split(" ");
        redis.client()
                .hset(
                        redis.key("silence"),
                        worker,
                        record[0] + " " + record[1] + " " + (Long.parseLong(record[2]) - time.toMillis()));
    }

    @Test
    void one_visit_adds_a_quarter_of_a_lease_at_most_so_that_neither_outages_nor_clocks_kill() {
        broker.enqueue("t", 1);
        lost.claim(1);
        reaper.recover();
        for (int visit = 1; visit <= 4; visit++) {
            assertThat(reaper.recover().size()).isZero();
            letPass(Duration.ofHours(1), "lost");
        }
        assertThat(reaper.recover().size()).isEqualTo(1);
    }

    @Test
    void a_reaper_leaves_it_where_another_has_just_looked_and_looks_once_a_sixteenth_of_a_lease_has_passed() {
        broker.enqueue("t", 1);
        lost.claim(1);
        BrokerSession other = BrokerEngine.of(broker).session("other", LEASE);
        other.beat();
        other.recoverUnlessLately();
        for (int visit = 1; visit <= 4; visit++) {
            letPass(Duration.ofHours(1), "lost");
            String before = redis.client().hget(redis.key("silence"), "lost");
            assertThat(reaper.recoverUnlessLately().size()).isZero();
            assertThat(redis.client().hget(redis.key("silence"), "lost")).isEqualTo(before);
            redis.client().hincrBy(redis.key("silence"), ":visited", -LEASE.toMillis() / 16);
            reaper.recoverUnlessLately();
        }
        redis.client().hincrBy(redis.key("silence"), ":visited", -LEASE.toMillis() / 16);
        letPass(Duration.ofHours(1), "lost");
        // It was found by the fourth look, and whoever finds one does not leave it.
        assertThat(broker.stats().normal()).isEqualTo(1);
    }

    @Test
    void many_reapers_look_at_each_worker_once() {
        List<BrokerSession> fleet = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            fleet.add(BrokerEngine.of(broker).session("fleet-" + i, LEASE));
        }
        fleet.forEach(BrokerSession::beat);
        reaper.recover();
        long before = hashReads();
        redis.client().hdel(redis.key("silence"), ":visited");
        fleet.forEach(BrokerSession::recoverUnlessLately);
        assertThat(hashReads() - before).isBetween(50L, 200L);
    }

    private long hashReads() {
        return Long.parseLong(
                redis.client().info("commandstats").replaceAll("(?s).*cmdstat_hget:calls=(\\d+),.*", "$1"));
    }

    @Test
    void a_heartbeat_begins_the_silence_anew() {
        broker.enqueue("t", 1);
        lost.claim(1);
        reaper.recover();
        for (int visit = 1; visit <= 3; visit++) {
            letPass(Duration.ofHours(1), "lost");
            reaper.recover();
        }
        // A millisecond later, as heartbeats are told apart by their time.
        await().until(() -> {
            String before = redis.client().hget(redis.key("silence"), "lost");
            lost.beat();
            reaper.recover();
            return !before.equals(redis.client().hget(redis.key("silence"), "lost"));
        });
        for (int visit = 1; visit <= 3; visit++) {
            letPass(Duration.ofHours(1), "lost");
            assertThat(reaper.recover().size()).isZero();
        }
    }

    @Test
    void a_clock_that_jumps_back_delays_nothing() {
        broker.enqueue("t", 1);
        lost.claim(1);
        reaper.recover();
        letPass(Duration.ofHours(-1), "lost");
        for (int visit = 1; visit <= 4; visit++) {
            assertThat(reaper.recover().size()).isZero();
            letPass(Duration.ofHours(1), "lost");
        }
        assertThat(reaper.recover().size()).isEqualTo(1);
    }

    @Test
    void a_count_of_a_wrong_type_keeps_no_task_from_coming_back() {
        String id = broker.enqueue("t", 1).id();
        lost.claim(1);
        redis.client().lpush(redis.key("recoveries:" + id), "not a number");
        letLeaseRunOut("lost");
        assertThat(recoverAll().taskIds()).containsExactly(id);
        assertThat(broker.stats().normal()).isEqualTo(1);
    }

    @Test
    void a_list_whose_worker_is_in_no_register_is_found_and_taken_back_after_one_lease() {
        String id = broker.enqueue("t", 1).id();
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
        lost.beat();
        assertThat(reaper.recover().size()).isZero();
    }

    @Test
    void a_queue_whose_name_is_a_pattern_finds_its_own_orphans_alone() {
        try (RedisBroker star =
                redis.brokerBuilder().queue(redis.queue() + "*[x]?").build()) {
            star.enqueue("t", 1);
            BrokerEngine.of(star).session("lost", LEASE).claim(1);
            broker.enqueue("t", 1);
            lost.claim(1);
            redis.client().zrem(redis.key("workers"), "lost");
            BrokerSession session = BrokerEngine.of(star).session("reaper", LEASE);
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
        redis.letBeSilent("lost", Duration.ofDays(1));
        reaper.recover();
        assertThat(redis.client().zscore(redis.key("workers"), "lost")).isNull();
    }

    @Test
    void a_lock_goes_with_the_claim_of_the_worker_that_died() {
        broker.enqueue(Task.of("t", 1).withIdempotencyKey("k"));
        Claim claim = lost.claim(1).claims().get(0);
        lost.begin(List.of(claim), List::of);
        letLeaseRunOut("lost");
        recoverAll();
        assertThat(redis.client().exists(redis.key("idempotency:k"))).isFalse();
    }

    @Test
    void a_lock_whose_worker_is_in_no_register_is_free_after_a_lease() {
        broker.enqueueAll(
                List.of(Task.of("t", 1).withIdempotencyKey("k"), Task.of("t", 2).withIdempotencyKey("k")));
        lost.begin(lost.claim(1).claims(), List::of);
        redis.client().del(redis.key("workers"), redis.key("processing:lost"));
        reaper.beat();
        List<Claim> second = reaper.claim(1).claims();
        assertThat(reaper.begin(second, List::of)).containsExactly(Lock.BUSY);
        letLeaseRunOut("lost");
        assertThat(reaper.begin(second, List::of)).containsExactly(Lock.TAKEN);
    }

    @Test
    void a_lock_that_a_lost_claim_of_the_same_worker_left_over_is_taken_over() {
        broker.enqueueAll(
                List.of(Task.of("t", 1).withIdempotencyKey("k"), Task.of("t", 2).withIdempotencyKey("k")));
        List<Claim> claims = lost.claim(2).claims();
        lost.begin(claims.subList(0, 1), () -> claims);
        assertThat(lost.begin(claims.subList(1, 2), () -> claims)).containsExactly(Lock.BUSY);
        assertThat(lost.begin(claims.subList(1, 2), () -> claims.subList(1, 2))).containsExactly(Lock.TAKEN);
    }

    @Test
    void a_status_that_was_evicted_is_whole_again_after_the_end() {
        String id = broker.enqueue("t", 1).id();
        Claim claim = lost.claim(1).claims().get(0);
        redis.client().del(redis.key("task:" + id));
        lost.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
        assertThat(broker.status(id).orElseThrow().type()).isEqualTo("t");
        assertThat(broker.status(id).orElseThrow().createdAt()).isPresent();
        assertThat(redis.client().ttl(redis.key("task:" + id))).isPositive();
    }
}
