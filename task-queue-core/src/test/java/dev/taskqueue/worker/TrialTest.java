package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

    @Test
    void a_worker_is_ready_while_it_holds_all_else_back_for_one() throws Exception {
        Semaphore finish = new Semaphore(0);
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                Jedis jedis =
                        new Jedis(redis.settings().host(), redis.settings().port());
                Worker worker = QuickWorkers.of(broker)
                        .concurrency(THREADS)
                        .lease(Duration.ofSeconds(1))
                        .handler("hold", task -> {
                            finish.acquire();
                            return null;
                        })
                        .handler("n", task -> null)
                        .start()) {
            await().until(worker::isReady);
            addSuspect(redis, "s");
            await().atMost(PATIENCE).until(() -> broker.stats().processing() == 1);
            broker.enqueue("n", 1);
            // Ten beats, through which a task waits beside idle runners.
            Set<Double> beats = new HashSet<>();
            await().atMost(PATIENCE).until(() -> {
                beats.add(jedis.zscore("gopher_tasks:workers", worker.name()));
                if (broker.stats().normal() == 1) {
                    assertThat(worker.health().notReady()).isEmpty();
                }
                return beats.size() > 10 || broker.stats().normal() == 0;
            });
            finish.release();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        }
    }

    /** What ends in order: suspects, of 20 ms each, as "s", others as "n". */
    private static String ends(boolean othersWait) throws Exception {
        StringBuffer ends = new StringBuffer();
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(redis.settings()).build()) {
            for (int i = 0; i < 100; i++) {
                addSuspect(redis, "s" + i);
            }
            if (othersWait) {
                broker.enqueueAll(
                        IntStream.range(0, 4_000).mapToObj(i -> Task.of("n", i)).toList());
            }
            // One beat tells it of them, and for minutes there is no other.
            try (Worker worker = Worker.of(broker)
                    .concurrency(THREADS)
                    .lease(Duration.ofMinutes(10))
                    .handler("hold", task -> {
                        TimeUnit.MILLISECONDS.sleep(20);
                        return ends.append('s');
                    })
                    .handler("n", task -> {
                        TimeUnit.MILLISECONDS.sleep(5);
                        return ends.append('n');
                    })
                    .start()) {
                await().atMost(PATIENCE).until(() -> broker.stats().suspects() == 0);
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0 && worker.isReady());
            }
        }
        return ends.toString();
    }

    @Test
    void many_do_not_wait_for_one_beat_after_another_where_nothing_else_waits() throws Exception {
        assertThat(ends(false)).isEqualTo("s".repeat(100));
    }

    @Test
    void many_take_turns_with_the_others() throws Exception {
        String ends = ends(true);
        assertThat(ends.replace("n", "")).hasSize(100);
        assertThat(ends.replace("s", "")).hasSize(4_000);
        String meanwhile = ends.substring(ends.indexOf('s'), ends.lastIndexOf('s'));
        assertThat(meanwhile.chars().filter(c -> c == 'n').count()).isBetween(100L, 3_900L);
    }
}
