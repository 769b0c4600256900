package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.testing.EvilOutcomes;
import dev.taskqueue.testing.EvilOutcomes.Named;
import dev.taskqueue.testing.LogCapture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A background role goes on whatever its turns throw, and says that it fails. */
class RoleTest {

    private final CollectorRegistry registry = new CollectorRegistry();
    private final RoleFailures failures = new RoleFailures("w", new WorkerMetrics(registry));
    private final QueueFailures ofQueue = new QueueFailures(failures, "q", false);
    private final AtomicInteger turns = new AtomicInteger();
    private volatile Throwable thrown;
    private final Role role = new Role("tester", ofQueue) {

        @Override
        Duration turn() {
            turns.incrementAndGet();
            if (thrown != null) {
                throw RoleTest.<RuntimeException>unchecked(thrown);
            }
            return Duration.ofMillis(1);
        }
    };
    private final RoleThreads threads = new RoleThreads("w", List.of(role));

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }

    @AfterEach
    void stop() {
        role.stop();
        assertThat(role.join(Duration.ofSeconds(30))).isTrue();
    }

    private void awaitTurns(int more) {
        int before = turns.get();
        await().until(() -> turns.get() >= before + more);
    }

    @Test
    void whatever_a_turn_throws_another_one_follows() {
        List<Named<Throwable>> evil = EvilOutcomes.failures();
        AtomicInteger next = new AtomicInteger();
        Role tried = new Role("tried", ofQueue) {

            @Override
            Duration turn() {
                int turn = next.getAndIncrement();
                // Every other turn succeeds, so that the backoff stays short.
                if (turn % 2 == 0 && turn / 2 < evil.size()) {
                    throw RoleTest.<RuntimeException>unchecked(
                            evil.get(turn / 2).get());
                }
                return Duration.ofMillis(1);
            }
        };
        RoleThreads triedThreads = new RoleThreads("w", List.of(tried));
        triedThreads.start();
        await().atMost(Duration.ofSeconds(60)).until(() -> next.get() > 2 * evil.size());
        assertThat(triedThreads.isDead()).isFalse();
        assertThat(failed("tried")).isEqualTo(evil.size());
        assertThat(failures.reasons("q")).isEmpty();
        tried.stop();
        assertThat(tried.join(Duration.ofSeconds(30))).isTrue();
    }

    private double failed(String name) {
        return registry.getSampleValue(
                "go_task_queue_role_failures_total", new String[] {"queue", "role"}, new String[] {"q", name});
    }

    @Test
    void one_that_keeps_failing_shows_until_a_turn_succeeds() {
        thrown = new IllegalStateException("what stands in a payload");
        threads.start();
        await().untilAsserted(() -> assertThat(failures.reasons("q"))
                .singleElement()
                .asString()
                .contains("the tester has failed", "IllegalStateException")
                .doesNotContain("payload"));
        thrown = null;
        await().untilAsserted(() -> assertThat(failures.reasons("q")).isEmpty());
    }

    @Test
    void the_first_failure_is_logged_and_the_next_ones_are_counted() {
        thrown = new IllegalStateException("odd");
        try (LogCapture log = new LogCapture(Worker.class)) {
            threads.start();
            awaitTurns(4);
            assertThat(log.messages("unexpected failure")).hasSize(1);
        }
    }

    @Test
    void an_outage_is_told_at_its_begin_and_at_its_end() {
        thrown = new BrokerUnavailableException("away", null);
        try (LogCapture log = new LogCapture(Worker.class)) {
            threads.start();
            awaitTurns(3);
            assertThat(failures.reasons("q")).containsExactly("Redis is unavailable to the tester: away");
            thrown = null;
            await().until(() -> failures.reasons("q").isEmpty());
            assertThat(log.messages("Redis unavailable; retrying")).hasSize(1);
            assertThat(log.messages("Redis available again")).hasSize(1);
        }
    }

    @Test
    void a_turn_that_hangs_shows() throws Exception {
        AtomicInteger release = new AtomicInteger();
        Role hanging = new Role("hanging", ofQueue) {

            @Override
            Duration turn() {
                while (release.get() == 0) {
                    Failures.pause(1_000_000L);
                }
                return Duration.ofMinutes(1);
            }
        };
        new RoleThreads("w", List.of(hanging)).start();
        await().until(() -> hanging.turnTime().compareTo(Duration.ofMillis(20)) > 0);
        release.set(1);
        await().until(() -> hanging.turnTime().isZero());
        hanging.stop();
        assertThat(hanging.join(Duration.ofSeconds(30))).isTrue();
    }
}
