package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Redis knows of trials that do not go the usual way. */
class TrialRecordsTest {

    private static final Duration LEASE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    private BrokerSession lost;
    private BrokerSession other;

    @BeforeEach
    void open() {
        broker = redis.broker();
        lost = session("lost");
        other = session("other");
    }

    private BrokerSession session(String worker) {
        BrokerSession session = BrokerEngine.of(broker).session(worker, LEASE);
        session.beat();
        return session;
    }

    private void dieAndTakeBack() {
        redis.letBeSilent("lost", LEASE);
        while (other.recover().size() > 0) {}
        lost.beat();
    }

    private String suspect() {
        String id = broker.enqueue(Task.of("t", 0)).id();
        for (int i = 0; i < 4; i++) {
            assertThat(lost.claim(1).claims()).hasSize(1);
            dieAndTakeBack();
        }
        assertThat(broker.stats().suspects()).isEqualTo(1);
        return id;
    }

    private void addSuspect() {
        redis.client().rpush(redis.key("suspects"), "{\"id\":\"s\",\"type\":\"t\"}");
    }

    private String record(String worker) {
        return redis.client().hget(redis.key("trial"), worker);
    }

    private Claim begin(BrokerSession worker) {
        assertThat(worker.reserveTrial()).isTrue();
        return worker.beginTrial(true).claims().get(0);
    }

    private long recoveries(String id) {
        return broker.status(id).orElseThrow().recoveries();
    }

    @Test
    void who_goes_back_unrun_has_survived_nothing_and_is_a_suspect_again_if_its_worker_dies() {
        String id = suspect();
        for (boolean deferred : new boolean[] {false, true}) {
            long before = recoveries(id);
            Claim claim = begin(other);
            other.settle(List.of(deferred ? new Outcome.Deferred(claim, Duration.ZERO) : new Outcome.Released(claim)));
            other.endTrial(List.of(claim));
            assertThat(redis.client().exists(redis.key("trial"))).isFalse();
            assertThat(recoveries(id)).isEqualTo(before);
            other.promote(100);
            assertThat(lost.claim(1).claims().get(0).task().id()).isEqualTo(id);
            dieAndTakeBack();
            assertThat(broker.stats().suspects()).isEqualTo(1);
            assertThat(recoveries(id)).isEqualTo(before + 1);
        }
        Claim claim = begin(other);
        other.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
        other.endTrial(List.of(claim));
        assertThat(recoveries(id)).isZero();
    }

    @Test
    void a_reservation_of_a_worker_that_died_goes_with_the_next_one() {
        addSuspect();
        assertThat(lost.reserveTrial()).isTrue();
        redis.letBeSilent("lost", LEASE);
        assertThat(other.reserveTrial()).isTrue();
        assertThat(record("lost")).isNull();
    }

    @Test
    void a_reservation_of_a_worker_that_is_not_registered_holds_up_nobody() {
        addSuspect();
        assertThat(lost.reserveTrial()).isTrue();
        assertThat(session("third").reserveTrial()).isFalse();
        redis.client().zrem(redis.key("workers"), "lost");
        assertThat(other.reserveTrial()).isTrue();
        assertThat(record("lost")).isNull();
    }

    @Test
    void a_trial_in_which_a_worker_died_is_on_record_until_its_task_has_been_taken_back() {
        addSuspect();
        addSuspect();
        begin(lost);
        redis.letBeSilent("lost", LEASE);
        redis.client().zrem(redis.key("workers"), "lost");
        other.reserveTrial();
        assertThat(record("lost")).startsWith("alone");
    }

    @Test
    void what_is_no_record_of_trials_keeps_no_worker_from_going_on() {
        addSuspect();
        Claim claim = begin(other);
        redis.client().set(redis.key("trial"), "no hash");
        other.goOnBeside(claim);
        other.endTrial(List.of(claim));
        assertThat(redis.client().get(redis.key("trial"))).isEqualTo("no hash");
    }
}
