package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cron;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/** Three worker JVMs fire schedules, each fire once: while they are killed, frozen past their lease, or all down. */
class CronFleetTest {

    private static final boolean LONG = System.getProperty("chaos", "short").equals("long");
    private static final int ROUNDS = LONG ? 30 : 5;
    private static final int SCHEDULES = 20;
    private static final int JVMS = 3;
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String QUEUE = "crons";

    @TempDir
    Path folder;

    private final Random random = new Random();
    private final AtomicInteger fires = new AtomicInteger();
    private RedisProcess redis;
    private RedisBroker broker;

    @BeforeEach
    void start() {
        redis = RedisProcess.start("--appendonly", "no");
        broker = RedisBroker.at(redis.settings()).queue(QUEUE).build();
        countFires();
    }

    @AfterEach
    void close() {
        broker.close();
        redis.close();
    }

    private Fleet fleet() throws IOException {
        return Fleet.start(folder, JVMS, redis.settings().address(), QUEUE, 4, LEASE, 3);
    }

    private void putAll() {
        for (int i = 0; i < SCHEDULES; i++) {
            broker.crons()
                    .put(Cron.of("c" + i, "@yearly", FleetWorker.RECORD, 5).withOverlap(Cron.Overlap.ALLOW));
        }
    }

    /** As if the time of each had come; adds the ids of their tasks. */
    private void letAllBeDue(Set<String> ids) {
        long now = System.currentTimeMillis();
        for (int i = 0; i < SCHEDULES; i++) {
            letBeDue("c" + i, Instant.ofEpochMilli(now - i));
            ids.add("cron:c" + i + ":" + (now - i));
        }
    }

    private void letBeDue(String cron, Instant time) {
        redis.command("ZADD", QUEUE + ":cron:due", "XX", "" + time.toEpochMilli(), cron);
    }

    /** Has each fire counted, from the writes of what was enqueued last. */
    private void countFires() {
        redis.command("CONFIG", "SET", "notify-keyspace-events", "Kh");
        CountDownLatch subscribed = new CountDownLatch(1);
        JedisPubSub counter = new JedisPubSub() {
            @Override
            public void onSubscribe(String channel, int channels) {
                subscribed.countDown();
            }

            @Override
            public void onMessage(String channel, String event) {
                if (event.equals("hset")) {
                    fires.incrementAndGet();
                }
            }
        };
        Thread reader = new Thread(() -> {
            try (Jedis jedis =
                    new Jedis(redis.settings().host(), redis.settings().port())) {
                jedis.subscribe(counter, "__keyspace@0__:" + QUEUE + ":cron:last");
            } catch (JedisException e) {
                // Redis has ended with the test.
            }
        });
        reader.setDaemon(true);
        reader.start();
        await().until(() -> subscribed.getCount() == 0);
    }

    private void awaitRuns(Fleet fleet, Set<String> ids) {
        await().atMost(PATIENCE).until(() -> fleet.runs().keySet().containsAll(ids));
    }

    @Test
    void each_fire_is_one_task_while_workers_are_killed() throws Exception {
        putAll();
        Set<String> ids = new TreeSet<>();
        try (Fleet fleet = fleet()) {
            await().atMost(PATIENCE).until(fleet::isReady);
            for (int round = 1; round <= ROUNDS; round++) {
                letAllBeDue(ids);
                int enough = ids.size() - random.nextInt(SCHEDULES);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> fires.get() >= enough && fleet.killReady(random.nextInt(JVMS)));
                awaitRuns(fleet, ids);
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(fleet.deaths()).isGreaterThanOrEqualTo(ROUNDS - 1);
            assertThat(fleet.runs().keySet()).isEqualTo(ids);
            assertThat(fleet.begunTwice()).isEmpty();
        }
        assertThat(fires).hasValue(ids.size());
    }

    @Test
    void tasks_of_one_schedule_never_overlap_while_workers_are_killed() throws Exception {
        for (int i = 0; i < SCHEDULES; i++) {
            broker.crons().put(Cron.of("c" + i, "@yearly", FleetWorker.EXCLUSIVE, "c" + i));
        }
        try (Fleet fleet = fleet()) {
            await().atMost(PATIENCE).until(fleet::isReady);
            for (int round = 1; round <= ROUNDS; round++) {
                int enough = fires.get() + 2 * SCHEDULES;
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(() -> {
                    letAllBeDue(new TreeSet<>());
                    return fires.get() >= enough;
                });
                await().atMost(PATIENCE).until(() -> fleet.killReady(random.nextInt(JVMS)));
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(fleet.deaths()).isGreaterThanOrEqualTo(ROUNDS - 1);
        }
        assertThat(broker.stats().dead()).isZero();
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port())) {
            assertThat(jedis.lrange(FleetWorker.overlaps(QUEUE), 0, -1)).isEmpty();
            assertThat(jedis.keys(QUEUE + ":unique:*")).isEmpty();
        }
    }

    @Test
    void a_worker_that_was_frozen_past_its_lease_fires_nothing_again() throws Exception {
        putAll();
        Set<String> ids = new TreeSet<>();
        try (Fleet fleet = fleet()) {
            await().atMost(PATIENCE).until(fleet::isReady);
            for (int round = 0; round < JVMS; round++) {
                int frozen = round;
                boolean[] froze = new boolean[1];
                fleet.kill(frozen, () -> {
                    froze[0] = true;
                    letAllBeDue(ids);
                    // Time has to pass here: the lease of the one that is frozen.
                    await().atMost(PATIENCE).until(() -> fires.get() == ids.size());
                    long sinceNanos = System.nanoTime();
                    await().atMost(PATIENCE)
                            .until(() -> System.nanoTime() - sinceNanos
                                    > LEASE.multipliedBy(2).toNanos());
                    return false;
                });
                assertThat(froze[0]).isTrue();
                awaitRuns(fleet, ids);
            }
            await().atMost(PATIENCE)
                    .until(() -> fleet.isReady() && broker.stats().unfinished() == 0);
            assertThat(fleet.runs().keySet()).isEqualTo(ids);
        }
        assertThat(fires).hasValue(ids.size());
    }

    @Test
    void after_all_were_down_over_two_fires_the_latest_is_made_up_for_once() throws Exception {
        Cron hourly = Cron.of("hourly", "@hourly", FleetWorker.RECORD, 0);
        broker.crons().put(hourly);
        try (Fleet fleet = fleet()) {
            await().atMost(PATIENCE).until(fleet::isReady);
        }
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
        letBeDue("hourly", hour.minus(1, ChronoUnit.HOURS));
        try (Fleet fleet = fleet()) {
            String latest = "cron:hourly:" + hour.toEpochMilli();
            awaitRuns(fleet, Set.of(latest));
            await().atMost(PATIENCE).until(fleet::isReady);
            assertThat(fleet.runs().keySet()).containsExactly(latest);
        }
        assertThat(fires).hasValue(1);
    }

    @Test
    void a_schedule_that_changes_between_two_fires_fires_by_its_new_times_and_payload() throws Exception {
        broker.crons().put(Cron.of("c", "@yearly", FleetWorker.RECORD, 0));
        try (Fleet fleet = fleet()) {
            await().atMost(PATIENCE).until(fleet::isReady);
            Instant first = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            letBeDue("c", first);
            awaitRuns(fleet, Set.of("cron:c:" + first.toEpochMilli()));
            // Where the first has not ended, the second is skipped.
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(broker.crons()
                            .put(Cron.of("c", "@monthly", FleetWorker.RECORD, 1))
                            .nextFire()
                            .orElseThrow())
                    .isAfter(Instant.now());
            letBeDue("c", first.plusMillis(1));
            awaitRuns(fleet, Set.of("cron:c:" + (first.toEpochMilli() + 1)));
            assertThat(fleet.runs()).hasSize(2);
        }
        assertThat(fires).hasValue(2);
    }
}
