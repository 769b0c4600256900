package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.FaultyProxy;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.RedisServer;
import dev.taskqueue.testing.Signal;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** An enqueue that waits for replicas returns once they have the task, and says so where they have not. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class ReplicaWaitTest {

    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final RedisServer server;
    private RedisProcess primary;
    private RedisProcess replica;

    ReplicaWaitTest(RedisServer server) {
        this.server = server;
    }

    @BeforeEach
    void open() {
        primary = RedisProcess.start(server, "--appendonly", "no", "--repl-diskless-sync-delay", "0");
        replica = RedisProcess.start(server, "--appendonly", "no");
        replica.command(
                "REPLICAOF", "127.0.0.1", Integer.toString(primary.settings().port()));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> RedisProcess.text(primary.command("INFO", "replication"))
                        .contains("state=online"));
    }

    @AfterEach
    void close() {
        replica.close();
        primary.close();
    }

    private RedisBroker broker(UnaryOperator<RedisBroker.Builder> settings) {
        return settings.apply(RedisBroker.at(primary.settings())).build();
    }

    private static OutcomeUnknownException catchUnknown(Runnable enqueue) {
        try {
            enqueue.run();
        } catch (OutcomeUnknownException e) {
            return e;
        }
        throw new AssertionError("no OutcomeUnknownException");
    }

    @Test
    void a_replica_that_follows_has_the_task_when_the_call_returns() {
        try (RedisBroker broker = broker(builder -> builder.waitForReplicas(1, LONG))) {
            for (int i = 1; i <= 20; i++) {
                broker.enqueue("t", i);
                assertThat(replica.command("LLEN", "gopher_tasks")).isEqualTo((long) i);
            }
            broker.enqueueAll(
                    IntStream.range(0, 1_200).mapToObj(i -> Task.of("t", i)).toList());
            assertThat(replica.command("LLEN", "gopher_tasks")).isEqualTo(1_220L);
        }
    }

    @Test
    void a_task_that_no_replica_has_in_time_is_accepted_and_told_by_its_id() {
        for (UnaryOperator<RedisBroker.Builder> statuses : List.<UnaryOperator<RedisBroker.Builder>>of(
                builder -> builder, builder -> builder.taskStatusTtl(Duration.ZERO))) {
            for (Task task : List.of(
                    Task.of("t", 1),
                    Task.of("t", 1).withPriority(Priority.HIGH),
                    Task.of("t", 1).withIdempotencyKey("k"))) {
                try (RedisBroker patient =
                                broker(builder -> statuses.apply(builder).waitForReplicas(1, LONG));
                        RedisBroker broker =
                                broker(builder -> statuses.apply(builder).waitForReplicas(1, SHORT))) {
                    patient.enqueue(task);
                    long before = broker.stats().ready();
                    Signal.send(replica.pid(), "STOP");
                    OutcomeUnknownException e = catchUnknown(() -> broker.enqueue(task.withId("second")));
                    assertThat(e)
                            .hasMessageContaining("the primary accepted [second]")
                            .hasMessageContaining("0 of 1 replicas");
                    assertThat(e.accepted()).isZero();
                    assertThat(e.taskIds()).containsExactly("second");
                    assertThat(broker.stats().ready()).isEqualTo(before + 1);
                    Signal.send(replica.pid(), "CONT");
                    patient.enqueue(task.withId("third"));
                }
            }
        }
    }

    @Test
    void a_long_batch_stops_at_the_first_part_that_no_replica_has() {
        List<Task> tasks =
                IntStream.range(0, 1_200).mapToObj(i -> Task.of("t", i)).toList();
        replica.kill();
        try (RedisBroker broker = broker(builder -> builder.waitForReplicas(1, SHORT))) {
            OutcomeUnknownException e = catchUnknown(() -> broker.enqueueAll(tasks));
            assertThat(e.accepted()).isZero();
            assertThat(e.taskIds())
                    .containsExactlyElementsOf(
                            tasks.subList(0, 500).stream().map(Task::id).toList());
            assertThat(broker.stats().normal()).isEqualTo(500);
        }
    }

    @Test
    void a_wait_may_be_longer_than_any_other_reply() {
        replica.kill();
        try (RedisBroker broker = RedisBroker.at(
                        primary.settings().toBuilder().timeouts(SHORT, SHORT).build())
                .waitForReplicas(1, Duration.ofSeconds(1))
                .build()) {
            assertThat(catchUnknown(() -> broker.enqueue("t", 1))).hasMessageContaining("0 of 1 replicas");
        }
    }

    @Test
    void a_user_who_may_not_wait_is_told_that_the_task_is_accepted() {
        primary.command("ACL", "SETUSER", "default", "-wait");
        try (RedisBroker broker = broker(builder -> builder.waitForReplicas(1, SHORT))) {
            assertThat(catchUnknown(() -> broker.enqueue(Task.of("t", 1).withId("one"))))
                    .hasMessageContaining("the primary accepted [one]")
                    .hasMessageContaining("NOPERM");
        }
    }

    @Test
    void a_primary_that_loses_its_place_while_an_enqueue_waits_leaves_the_outcome_unknown() throws Exception {
        Signal.send(replica.pid(), "STOP");
        try (RedisBroker broker = broker(builder -> builder.waitForReplicas(1, LONG))) {
            Thread demotion = new Thread(() -> {
                await().until(() ->
                        RedisProcess.text(primary.command("INFO", "clients")).contains("blocked_clients:1"));
                primary.command("REPLICAOF", "127.0.0.1", "1");
            });
            demotion.start();
            OutcomeUnknownException e =
                    catchUnknown(() -> broker.enqueue(Task.of("t", 1).withId("one")));
            demotion.join();
            assertThat(e.taskIds()).containsExactly("one");
        }
    }

    @Test
    void a_lost_reply_leaves_the_outcome_unknown() {
        try (FaultyProxy proxy = new FaultyProxy("127.0.0.1", primary.settings().port(), 1);
                RedisBroker broker = RedisBroker.at(RedisSettings.of(proxy.address()))
                        .waitForReplicas(1, LONG)
                        .build()) {
            proxy.loseReplyTo("WAIT");
            assertThat(catchUnknown(() -> broker.enqueue(Task.of("t", 1).withId("one")))
                            .taskIds())
                    .containsExactly("one");
        }
    }

    @Test
    void what_is_refused_is_refused_whoever_waits() {
        primary.command("SET", "gopher_tasks", "not a list");
        try (RedisBroker broker = broker(builder -> builder.waitForReplicas(1, LONG))) {
            assertThatThrownBy(() -> broker.enqueue("t", 1))
                    .isNotInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContaining("WRONGTYPE");
        }
    }

    @Test
    void nothing_is_asked_where_nobody_waits() {
        try (RedisBroker broker = broker(builder -> builder.waitForReplicas(0, SHORT))) {
            broker.enqueue("t", 1);
            broker.enqueue(Task.of("t", 1).withPriority(Priority.HIGH));
            assertThat(RedisProcess.text(primary.command("INFO", "commandstats")))
                    .contains("cmdstat_lpush")
                    .doesNotContain("cmdstat_wait");
        }
    }

    @Test
    void settings_out_of_range_are_refused() {
        RedisBroker.Builder builder = RedisBroker.at(primary.settings());
        assertThatIllegalArgumentException().isThrownBy(() -> builder.waitForReplicas(-1, SHORT));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.waitForReplicas(1, Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.waitForReplicas(1, Duration.ofMinutes(2)));
    }
}
