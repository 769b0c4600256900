package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.Beat;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Readiness means that work gets done: tasks that wait beside idle runners show. */
class HeadwayTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @Test
    void tasks_that_wait_beside_idle_runners_for_two_heartbeats_are_told_until_one_is_claimed() {
        try (RedisBroker broker = redis.broker()) {
            BrokerSession session = BrokerEngine.of(broker).session("w1", Duration.ofSeconds(1));
            UnsettledClaims unsettled = new UnsettledClaims();
            RunnerPool pool = new RunnerPool(1, RunnerPool.platformThreads("w1"));
            Headway headway = new Headway(unsettled, pool, new QueueSlots(pool));
            pool.fill();
            assertThat(pool.idle()).isEqualTo(1);
            assertThat(session.beat()).isEqualTo(new Beat(false, false, false, false, true));
            broker.enqueue("t", 1);
            broker.enqueue("t", 2);
            redis.client().set(redis.key("paused"), "1");
            assertThat(session.beat()).isEqualTo(new Beat(true, true, false, false, true));
            redis.client().del(redis.key("paused"));
            headway.beat(session.beat().tasksWait());
            assertThat(headway.stall()).isEmpty();
            headway.beat(session.beat().tasksWait());
            assertThat(headway.stall())
                    .hasValueSatisfying(text -> assertThat(text).contains("runners are idle"));
            session.claim(1).claims().forEach(unsettled::add);
            assertThat(headway.stall()).isEmpty();
            headway.beat(true);
            assertThat(headway.stall()).isEmpty();
            pool.queue().close();
        }
    }

    @Test
    void a_worker_whose_runners_are_all_busy_is_ready() {
        CountDownLatch release = new CountDownLatch(1);
        try (RedisBroker broker = redis.broker();
                Worker worker = QuickWorkers.of(broker)
                        .concurrency(1)
                        .lease(Duration.ofSeconds(1))
                        .handler("t", task -> {
                            release.await();
                            return null;
                        })
                        .start()) {
            broker.enqueue("t", 1);
            broker.enqueue("t", 2);
            broker.enqueue("t", 3);
            Awaitility.await().until(() -> broker.stats().processing() == 1);
            // Four heartbeats.
            Awaitility.await().during(Duration.ofSeconds(1)).until(worker::isReady);
            release.countDown();
            Awaitility.await().until(() -> broker.stats().unfinished() == 0);
        }
    }

    @Test
    void a_worker_without_a_runner_that_works_is_not_ready() {
        CountDownLatch release = new CountDownLatch(1);
        try (RedisBroker broker = redis.broker();
                Worker worker = QuickWorkers.of(broker)
                        .concurrency(1)
                        .taskTimeout(Duration.ofMillis(1))
                        .timings(QuickWorkers.TIMINGS.withInterruptedPatience(Duration.ofMillis(200)))
                        .handler("deaf", task -> {
                            while (release.getCount() > 0) {
                                Thread.onSpinWait();
                            }
                            return null;
                        })
                        .start()) {
            broker.enqueue("deaf", 1);
            broker.enqueue("deaf", 2);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(worker.health().notReady())
                            .singleElement()
                            .asString()
                            .contains("no runner left"));
            release.countDown();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(worker::isReady);
        }
    }
}
