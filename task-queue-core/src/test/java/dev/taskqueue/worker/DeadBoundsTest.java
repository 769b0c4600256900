package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dead letters stay within the bounds that a worker is given: the oldest go, a few at a time, and nothing else does. */
class DeadBoundsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LEASE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private void die(int number, Instant at) {
        redis.client()
                .lpush(
                        redis.key("dead"),
                        "{\"id\":\"d" + number + "\",\"type\":\"t\",\"reason\":\"r\",\"died_at\":" + at.toEpochMilli()
                                + "}");
    }

    /** As a worker whose turn it is. */
    private long trim(long letters, Duration age) {
        redis.client().del(redis.key("dead:trim"));
        BrokerSession session = BrokerEngine.of(broker).session("w", LEASE);
        session.boundDead(letters, age);
        return session.trimDead();
    }

    private List<String> left() {
        return redis.client().lrange(redis.key("dead"), 0, -1);
    }

    @Test
    void the_oldest_beyond_the_number_go_whoever_wrote_them() {
        redis.client().lpush(redis.key("dead"), "garbage", "{\"id\":\"foreign\"}");
        for (int i = 0; i < 1_000; i++) {
            die(i, Instant.now());
        }
        assertThat(trim(0, Duration.ZERO)).isZero();
        assertThat(trim(2_000, DAY)).isZero();
        assertThat(trim(10, Duration.ZERO)).isEqualTo(992);
        assertThat(left()).hasSize(10);
        assertThat(left().get(0)).contains("\"d999\"");
        assertThat(left().get(9)).contains("\"d990\"");
    }

    @Test
    void what_died_too_long_ago_goes_and_what_does_not_say_when_stays() {
        Instant old = Instant.now().minus(Duration.ofDays(2));
        for (int i = 0; i < 500; i++) {
            if (i % 2 == 0) {
                redis.client()
                        .lpush(redis.key("dead"), "{\"id\":\"f" + i + "\",\"type\":\"t\",\"died_at\":\"then\"}", "[1");
            }
            die(i, i < 450 ? old : Instant.now());
        }
        assertThat(trim(0, DAY)).isEqualTo(450);
        assertThat(left()).hasSize(500 + 50);
        assertThat(left()).filteredOn(letter -> letter.contains("\"d4")).hasSize(50);
        assertThat(trim(0, DAY)).isZero();
        assertThat(trim(60, DAY)).isEqualTo(490);
    }

    @Test
    void a_status_of_a_letter_that_goes_gets_an_end_and_that_of_a_task_that_lives_stays() {
        for (String id : List.of("d1", "d2", "d3")) {
            die(id.charAt(1) - '0', Instant.EPOCH);
        }
        redis.client().set(redis.key("task:d1"), "{\"state\":\"dead\",\"type\":\"t\"}");
        redis.client().set(redis.key("task:d2"), "{\"state\":\"pending\",\"type\":\"t\"}");
        redis.client().lpush(redis.key("task:d3"), "no status");
        assertThat(trim(0, DAY)).isEqualTo(3);
        assertThat(redis.client().ttl(redis.key("task:d1"))).isPositive();
        assertThat(redis.client().ttl(redis.key("task:d2"))).isEqualTo(-1);
        assertThat(redis.client().exists(redis.key("dead"))).isFalse();
    }

    @Test
    void workers_take_turns_and_a_key_of_a_wrong_type_is_no_letter() {
        BrokerSession one = BrokerEngine.of(broker).session("one", LEASE);
        BrokerSession two = BrokerEngine.of(broker).session("two", LEASE);
        one.boundDead(1, Duration.ZERO);
        two.boundDead(1, Duration.ZERO);
        die(1, Instant.now());
        die(2, Instant.now());
        assertThat(one.trimDead()).isOne();
        die(3, Instant.now());
        assertThat(two.trimDead()).isZero();
        redis.client().del(redis.key("dead"));
        redis.client().set(redis.key("dead"), "x");
        assertThat(trim(1, DAY)).isZero();
        redis.client().del(redis.key("dead:trim"));
        redis.client().lpush(redis.key("dead:trim"), "x");
        assertThat(two.trimDead()).isZero();
    }

    @Test
    void a_worker_does_it_says_so_once_a_round_and_counts_them() throws Exception {
        CollectorRegistry registry = new CollectorRegistry();
        List<Long> told = new CopyOnWriteArrayList<>();
        try (Worker worker = QuickWorkers.of(broker)
                .lease(Duration.ofSeconds(1))
                .deadMax(5)
                .deadTtl(DAY)
                .metrics(new WorkerMetrics(registry))
                .listener(new WorkerListener() {
                    @Override
                    public void deadLettersTrimmed(String queue, long letters) {
                        told.add(letters);
                    }
                })
                .handler("t", task -> {
                    throw new PermanentFailureException("never");
                })
                .start()) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                ids.add(broker.enqueue("t", i).id());
            }
            for (String id : ids) {
                broker.await(id, PATIENCE);
            }
            await().atMost(PATIENCE).until(() -> broker.stats().dead() == 5);
            await().atMost(PATIENCE)
                    .until(() -> told.stream().mapToLong(Long::longValue).sum() == 45);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(registry.getSampleValue(
                        "go_task_queue_dead_letters_trimmed_total", new String[] {"queue"}, new String[] {redis.queue()
                        }))
                .isEqualTo(45);
    }

    @Test
    void bounds_that_make_no_sense_are_refused() {
        assertThatThrownBy(() -> Worker.of(broker).deadMax(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Worker.of(broker).deadTtl(Duration.ofMillis(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
