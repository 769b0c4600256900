package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.Outcome;
import dev.taskqueue.testing.RedisFixture;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One outcome that cannot be committed holds up no other, and is set aside in the end. */
class SettlerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final WorkerMetrics metrics = new WorkerMetrics(new CollectorRegistry());
    private final RoleFailures failures = new RoleFailures("w1", metrics);
    private final QueueFailures ofQueue = new QueueFailures(failures, "q", false);
    private final UnsettledClaims unsettled = new UnsettledClaims();
    private RedisBroker broker;
    private BrokerSession session;
    private Settler settler;
    private RoleThreads threads;

    @BeforeEach
    void open() {
        broker = redis.broker();
        session = BrokerEngine.of(broker).session("w1", Duration.ofSeconds(30));
        settler = new Settler(
                ofQueue,
                session,
                unsettled,
                new Promoter(ofQueue, session, null, new PauseGate(), null),
                new Prefetch(1),
                new Listeners(List.of()),
                new OutcomeTally(Set.of("t"), session::now),
                true);
        threads = new RoleThreads("w1", List.of(settler));
        IntStream.range(0, 20).forEach(i -> broker.enqueue("t", i));
    }

    @AfterEach
    void close() {
        settler.stop();
        settler.join(PATIENCE);
        broker.close();
    }

    private void settle(Claim claim, boolean unwritable) {
        Outcome outcome = unwritable
                // No milliseconds can hold it: the request cannot be made.
                ? new Outcome.Retry(
                        claim, claim.task().withFailure("x"), Duration.ofSeconds(Long.MAX_VALUE), Duration.ZERO)
                : new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty());
        unsettled.add(claim);
        settler.add(new CompletedAttempt(outcome, new Attempt(claim, null, null), null, true, Duration.ZERO));
    }

    @Test
    void one_that_cannot_be_written_is_set_aside_with_its_reason_and_the_rest_is_committed() throws Exception {
        List<Claim> claims = session.claim(20).claims();
        claims.forEach(claim -> settle(claim, claim == claims.get(7)));
        threads.start();
        await().atMost(PATIENCE).until(() -> unsettled.snapshot().isEmpty());
        assertThat(broker.stats().processing()).isZero();
        JsonNode dead = new ObjectMapper().readTree(redis.client().lindex(redis.key("dead"), 0));
        assertThat(dead.get("last_error").textValue()).contains("cannot be written", "ArithmeticException");
        assertThat(dead.get("raw_base64").binaryValue())
                .asString()
                .contains(claims.get(7).task().id());
        assertThat(claims)
                .allMatch(
                        claim -> broker.status(claim.task().id()).orElseThrow().state()
                                == (claim == claims.get(7) ? TaskState.DEAD : TaskState.SUCCEEDED));
        assertThat(settler.heldUp()).isEmpty();
        await().untilAsserted(() -> assertThat(failures.reasons("q")).isEmpty());
    }

    @Test
    void what_redis_refuses_shows_until_it_is_mended_and_the_rest_is_committed() {
        List<Claim> claims = session.claim(20).claims();
        redis.client().rename(redis.key("processing:w1"), redis.key("kept"));
        redis.client().set(redis.key("processing:w1"), "not a list");
        claims.forEach(claim -> settle(claim, false));
        threads.start();
        await().atMost(PATIENCE).until(() -> settler.heldUp().isPresent());
        redis.client().rename(redis.key("kept"), redis.key("processing:w1"));
        await().atMost(PATIENCE).until(() -> unsettled.snapshot().isEmpty());
        assertThat(broker.stats().unfinished()).isZero();
        assertThat(settler.heldUp()).isEmpty();
    }
}
