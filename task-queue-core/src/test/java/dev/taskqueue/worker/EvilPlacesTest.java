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
                + sample("go_task_queue_duplicates_total", "type", EvilValues.TYPE);
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
            assertThat(worker.health()).isEqualTo(new WorkerHealth(List.of(), List.of()));
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
            assertThat(worker.health()).isEqualTo(new WorkerHealth(List.of(), List.of()));
        }
    }
}
