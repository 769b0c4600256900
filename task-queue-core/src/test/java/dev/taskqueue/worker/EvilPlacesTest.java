package dev.taskqueue.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.EvilValues;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Promise 5 for entries: whatever lies in a place, what is no task is buried, all else runs, and nothing stops. */
class EvilPlacesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CollectorRegistry registry = new CollectorRegistry();

    private enum Place {
        NORMAL,
        HIGH,
        LOW,
        SCHEDULED,
        SUSPECTS,
        LIST_OF_A_DEAD_WORKER,
        LIST_OF_AN_UNREGISTERED_WORKER
    }

    private void put(Place place, byte[] entry) {
        switch (place) {
            case NORMAL -> redis.client().lpush(redis.queue().getBytes(UTF_8), entry);
            case HIGH, LOW ->
                redis.client()
                        .lpush(
                                redis.key(place.name().toLowerCase(java.util.Locale.ROOT))
                                        .getBytes(UTF_8),
                                entry);
            case SCHEDULED -> redis.client().zadd(redis.key("scheduled").getBytes(UTF_8), 1, entry);
            case SUSPECTS -> redis.client().rpush(redis.key("suspects").getBytes(UTF_8), entry);
            case LIST_OF_A_DEAD_WORKER -> {
                redis.client().zadd(redis.key("workers"), 1, "gone");
                redis.letBeSilent("gone", Duration.ofSeconds(30));
                redis.client().lpush(redis.key("processing:gone").getBytes(UTF_8), entry);
            }
            case LIST_OF_AN_UNREGISTERED_WORKER ->
                redis.client().lpush(redis.key("processing:unheard-of").getBytes(UTF_8), entry);
        }
    }

    private Worker.Builder worker(RedisBroker broker) {
        return QuickWorkers.of(broker)
                .concurrency(2)
                .lease(Duration.ofSeconds(1))
                .metrics(new WorkerMetrics(registry))
                .handler(EvilValues.TYPE, task -> null);
    }

    private double ended() {
        return sample("go_task_queue_tasks_processed_total", "type", "status", EvilValues.TYPE, "success")
                + sample("go_task_queue_duplicates_total", "queue", "type", redis.queue(), EvilValues.TYPE);
    }

    private double sample(String name, String... labels) {
        int half = labels.length / 2;
        Double value = registry.getSampleValue(
                name, java.util.Arrays.copyOf(labels, half), java.util.Arrays.copyOfRange(labels, half, labels.length));
        return value == null ? 0 : value;
    }

    @ParameterizedTest
    @EnumSource
    void what_is_no_task_is_buried_and_the_rest_runs_wherever_it_lies(Place place) {
        List<EvilValues.Entry> entries = new ArrayList<>(EvilValues.entries());
        Collections.shuffle(entries, new Random(place.ordinal()));
        entries.forEach(entry -> put(place, entry.bytes()));
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker).start()) {
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0 && worker.isReady());
            await().atMost(PATIENCE)
                    .until(() -> broker.stats().dead() == EvilValues.malformed().size());
            await().atMost(PATIENCE)
                    .until(() -> ended() == EvilValues.runnable().size());
            assertThat(worker.health().notReady()).isEmpty();
        }
        assertThat(redis.client().lrange(redis.key("dead"), 0, -1))
                .allSatisfy(letter -> assertThat(letter).contains("\"reason\":\"malformed\""));
        assertThat(redis.client().keys(redis.key("processing:*"))).isEmpty();
    }

    @Test
    void an_entry_that_only_the_adoption_finds_is_treated_alike() {
        Timings timings = QuickWorkers.TIMINGS.withAdoption(Duration.ofMillis(500));
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker).timings(timings).start()) {
            await().until(worker::isReady);
            byte[] own = redis.key("processing:" + worker.name()).getBytes(UTF_8);
            EvilValues.entries().forEach(entry -> redis.client().lpush(own, entry.bytes()));
            await().atMost(PATIENCE)
                    .until(() -> broker.stats().dead() == EvilValues.malformed().size());
            await().atMost(PATIENCE)
                    .until(() -> ended() == EvilValues.runnable().size());
            assertThat(broker.stats().unfinished()).isZero();
            assertThat(worker.health().notReady()).isEmpty();
        }
    }

    private void addSuspect(String id) {
        redis.client().rpush(redis.key("suspects"), "{\"id\":\"" + id + "\",\"type\":\"" + EvilValues.TYPE + "\"}");
    }

    private void assertWorks(RedisBroker broker, Worker worker, int tasks, int dead) {
        await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0 && ended() == tasks && worker.isReady());
        // Not only once: a suspect that comes later gets its trial too.
        addSuspect("later");
        broker.enqueue(EvilValues.TYPE, 1);
        await().atMost(PATIENCE)
                .until(() -> broker.stats().unfinished() == 0 && ended() == tasks + 2 && worker.isReady());
        assertThat(broker.stats().dead()).isEqualTo(dead);
        assertThat(worker.health().notReady()).isEmpty();
    }

    @Test
    void suspects_get_their_trial_whatever_the_records_of_trials_hold() {
        List<String> records = List.of(
                "",
                " ",
                "\0",
                "nonsense",
                "waiting",
                "waiting ",
                "alone x y",
                "alone -1 x",
                "alone 1 x",
                "beside " + System.currentTimeMillis() + " x",
                "waiting " + "9".repeat(400) + " ",
                "alone 99999999999999999999 x\ny",
                "alone nan x",
                "%a+ %d+ (.+)$");
        byte[] trial = redis.key("trial").getBytes(UTF_8);
        for (int i = 0; i < records.size(); i++) {
            redis.client().hset(redis.key("trial"), "worker " + i + "\n", records.get(i));
            redis.client().hset(redis.key("trial"), records.get(i), records.get(i));
        }
        EvilValues.entries().forEach(entry -> redis.client().hset(trial, entry.bytes(), new byte[] {(byte) 0xff, 0}));
        redis.client().hset(trial, new byte[] {1}, new byte[EvilValues.TASK_BYTES]);
        addSuspect("s1");
        addSuspect("x".repeat(128));
        addSuspect("x".repeat(100_000));
        addSuspect("line\\nbreak");
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker).start()) {
            broker.enqueue(EvilValues.TYPE, 1);
            assertWorks(broker, worker, 3, 2);
        }
    }

    @Test
    void a_record_that_is_spoilt_in_the_middle_of_a_trial_does_not_stop_the_worker() {
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker)
                        .handler("spoil", task -> {
                            redis.client().del(redis.key("trial"));
                            return redis.client().set(redis.key("trial"), "no hash");
                        })
                        .start()) {
            redis.client().rpush(redis.key("suspects"), "{\"id\":\"s\",\"type\":\"spoil\"}");
            await().atMost(PATIENCE)
                    .until(() -> broker.stats().unfinished() == 0
                            && !redis.client().exists(redis.key("suspects"))
                            && redis.client().exists(redis.key("trial")));
            broker.enqueue(EvilValues.TYPE, 1);
            assertWorks(broker, worker, 1, 0);
        }
    }
}
