package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.Signal;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The depth of the queues as scrapes see it: known freshly, or not there. */
class QueueDepthsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CollectorRegistry registry = new CollectorRegistry();
    private final WorkerMetrics metrics = new WorkerMetrics(registry);

    private Worker worker(RedisBroker broker) {
        return QuickWorkers.of(broker).metrics(metrics).build();
    }

    private static RedisBroker broker(RedisProcess redis, Duration timeLimit) {
        return RedisBroker.at(RedisSettings.at(redis.settings().address())
                        .timeouts(Duration.ofSeconds(2), timeLimit)
                        .build())
                .build();
    }

    private List<Sample> scrape() {
        return scrape("depth");
    }

    private List<Sample> scrape(String name) {
        return Collections.list(registry.metricFamilySamples()).stream()
                .filter(family -> family.name.equals("go_task_queue_" + name))
                .map(family -> family.samples)
                .findAny()
                .orElseThrow();
    }

    private double value(String name) {
        return scrape(name).get(0).value;
    }

    private static List<Thread> readers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("task-queue-depths"))
                .toList();
    }

    @Test
    void every_place_has_a_sample() {
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker)) {
            broker.enqueue("noop", null);
            assertThat(scrape())
                    .as(worker.name())
                    .extracting(sample -> sample.labelValues.get(1) + " " + sample.value)
                    .containsExactlyInAnyOrder(
                            "ready 1.0", "processing 0.0", "scheduled 0.0", "suspects 0.0", "parked 0.0", "dead 0.0");
        }
    }

    @Test
    void the_depth_stays_until_the_last_worker_of_its_broker_is_closed() {
        try (RedisBroker broker = redis.broker()) {
            Worker first = worker(broker);
            Worker second = worker(broker).start();
            assertThat(scrape()).hasSize(6);
            first.close();
            first.close();
            assertThat(scrape()).hasSize(6);
            second.close();
            assertThat(scrape()).isEmpty();
        }
    }

    @Test
    void two_brokers_of_one_queue_give_no_sample_twice() {
        try (RedisBroker one = redis.broker();
                RedisBroker other = redis.broker();
                Worker first = worker(one);
                Worker second = worker(other)) {
            assertThat(scrape()).as("%s and %s", first.name(), second.name()).hasSize(6);
        }
    }

    @Test
    void a_frozen_redis_holds_up_no_scrape_and_hides_no_other() throws Exception {
        // Its own time limit is far beyond what a scrape may wait.
        try (RedisProcess frozen = RedisProcess.start();
                RedisBroker away = broker(frozen, Duration.ofMinutes(10));
                RedisBroker here = redis.broker();
                Worker first = worker(away);
                Worker second = worker(here)) {
            assertThat(scrape()).as("%s and %s", first.name(), second.name()).hasSize(12);
            Signal.send(frozen.pid(), "STOP");
            try {
                List<CompletableFuture<List<Sample>>> scrapes = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    scrapes.add(CompletableFuture.supplyAsync(this::scrape, task -> new Thread(task).start()));
                }
                for (CompletableFuture<List<Sample>> scrape : scrapes) {
                    assertThat(scrape.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                            .extracting(sample -> sample.labelValues.get(0))
                            .containsOnly(here.queue());
                }
                // One for all: the one that waits for the frozen Redis.
                assertThat(readers()).hasSizeLessThanOrEqualTo(1);
            } finally {
                Signal.send(frozen.pid(), "CONT");
            }
            await().atMost(PATIENCE).until(() -> scrape().size() == 12);
        }
        await().atMost(PATIENCE).until(() -> readers().isEmpty());
    }

    @Test
    void no_reader_outlives_the_last_worker_though_redis_hangs() {
        try (RedisProcess frozen = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(
                                RedisSettings.at(frozen.settings().address())
                                        .timeouts(Duration.ofSeconds(2), Duration.ofSeconds(2))
                                        .build())
                        .build()) {
            Worker worker = worker(broker);
            assertThat(scrape()).hasSize(6);
            Signal.send(frozen.pid(), "STOP");
            try {
                assertThat(scrape()).isEmpty();
                assertThat(readers()).hasSize(1);
                worker.close();
                assertThat(readers()).isEmpty();
                assertThat(scrape()).isEmpty();
                assertThat(readers()).isEmpty();
            } finally {
                Signal.send(frozen.pid(), "CONT");
            }
        }
    }

    @Test
    void a_broker_that_was_closed_too_early_gives_no_sample() {
        RedisBroker broker = redis.broker();
        Worker worker = worker(broker);
        broker.close();
        assertThat(scrape()).isEmpty();
        assertThat(registry.metricFamilySamples().asIterator().hasNext()).isTrue();
        worker.close();
    }

    @Test
    void what_alerts_wait_for_outlives_redis() {
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = broker(redis, Duration.ofSeconds(2));
                Worker worker = worker(broker)) {
            broker.enqueue("noop", null);
            redis.command("ZADD", broker.queue() + ":scheduled", "1", "{\"type\":\"noop\"}");
            await().atMost(PATIENCE).until(() -> value("oldest_ready_age_seconds") > 0);
            assertThat(value("connected")).as(worker.name()).isEqualTo(1);
            assertThat(value("overdue")).isEqualTo(1);
            double before = value("oldest_ready_age_seconds");
            redis.kill();
            assertThat(scrape()).isEmpty();
            assertThat(scrape("paused")).isEmpty();
            assertThat(value("connected")).isZero();
            assertThat(value("overdue")).isEqualTo(1);
            assertThat(value("oldest_ready_age_seconds")).isGreaterThanOrEqualTo(before);
        }
    }

    @Test
    void what_alerts_wait_for_is_there_before_redis_first_answers() {
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = broker(redis, Duration.ofSeconds(2));
                Worker worker = worker(broker)) {
            redis.kill();
            assertThat(value("connected")).as(worker.name()).isZero();
            assertThat(value("overdue")).isNaN();
            assertThat(value("oldest_ready_age_seconds")).isNaN();
        }
    }

    @Test
    void a_queue_where_nothing_waits_has_no_old_task() {
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker)) {
            assertThat(value("oldest_ready_age_seconds")).as(worker.name()).isZero();
            assertThat(value("overdue")).isZero();
        }
    }

    @Test
    void rare_events_are_counted_from_zero() {
        try (RedisBroker broker = redis.broker();
                Worker worker = worker(broker)) {
            assertThat(value("recovered")).as(worker.name()).isZero();
            assertThat(value("dead_letters_trimmed")).isZero();
        }
    }

    @Test
    void its_description_needs_no_redis() {
        List<MetricFamilySamples> described = new QueueDepths().describe();
        assertThat(described)
                .hasSize(5)
                .allSatisfy(family -> assertThat(family.samples).isEmpty());
    }
}
