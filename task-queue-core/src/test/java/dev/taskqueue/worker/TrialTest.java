package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** A worker that tries a suspect holds all of its slots meanwhile, and has to give back each of them once. */
class TrialTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int THREADS = 3;

    private static void addSuspect(RedisProcess redis, String id) {
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port())) {
            jedis.rpush("gopher_tasks:suspects", "{\"id\":\"" + id + "\",\"type\":\"hold\"}");
        }
    }

    @Test
    void redis_going_away_in_the_middle_of_one_costs_no_slot() throws Exception {
        Semaphore begun = new Semaphore(0);
        Semaphore finish = new Semaphore(0);
        CyclicBarrier allThreads = new CyclicBarrier(THREADS);
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                Worker worker = QuickWorkers.of(broker)
                        .concurrency(THREADS)
                        .lease(Duration.ofSeconds(2))
                        .handler("hold", task -> {
                            begun.release();
                            finish.acquire();
                            return null;
                        })
                        .handler("together", task -> allThreads.await(30, TimeUnit.SECONDS))
                        .start()) {
            await().until(worker::isReady);
            addSuspect(redis, "s");
            assertThat(begun.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            redis.kill();
            finish.release(10);
            await().atMost(PATIENCE).until(() -> !worker.isReady());
            redis.restart();
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                    .until(() -> broker.stats().unfinished() == 0 && worker.isReady());
            // Only with a slot for each thread do they meet.
            for (int i = 0; i < THREADS; i++) {
                broker.enqueue("together", i);
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(broker.stats().dead()).isZero();
            await().atMost(PATIENCE).untilAsserted(() -> {
                try (Jedis jedis =
                        new Jedis(redis.settings().host(), redis.settings().port())) {
                    assertThat(jedis.exists("gopher_tasks:trial")).isFalse();
                }
            });
        }
    }
}
