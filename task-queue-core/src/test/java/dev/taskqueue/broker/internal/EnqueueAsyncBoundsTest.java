package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.AsyncStages.PATIENCE;
import static dev.taskqueue.broker.internal.AsyncStages.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Enqueued;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.Signal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** While Redis does not answer, no more than so many tasks gather: callers wait, and none for ever. */
class EnqueueAsyncBoundsTest {

    private final List<CompletionStage<Enqueued>> stages = new CopyOnWriteArrayList<>();
    private RedisProcess redis;
    private RedisBroker broker;
    private BrokerEngine engine;

    @BeforeEach
    void open() {
        redis = RedisProcess.start("--appendonly", "no");
        broker = RedisBroker.at(redis.settings().toBuilder()
                        .timeouts(PATIENCE, PATIENCE)
                        .build())
                .build();
        engine = BrokerEngine.of(broker);
    }

    @AfterEach
    void close() {
        broker.close();
        redis.close();
    }

    private AsyncEnqueueing stopped(Duration patience) {
        AsyncEnqueueing async = new AsyncEnqueueing("q", engine.longestCall(), patience, PATIENCE);
        AsyncStages.result(async.add(engine, Task.of("t", 0)));
        Signal.send(redis.pid(), "STOP");
        return async;
    }

    private Thread start(AsyncEnqueueing async, Task task) {
        Thread caller = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                stages.add(async.add(engine, task.withId(Task.newId())));
            }
        });
        caller.start();
        await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
        return caller;
    }

    private void goOn(AsyncEnqueueing async) {
        Signal.send(redis.pid(), "CONT");
        AsyncStages.awaitEnd(stages);
        async.close();
    }

    @Test
    void ten_thousand_tasks_wait_and_a_caller_that_is_interrupted_waits_no_more() throws Exception {
        try (AsyncEnqueueing async = stopped(PATIENCE)) {
            Thread caller = start(async, Task.of("t", 1));
            assertThat(stages).hasSize(10_000);
            Thread other = start(async, Task.of("t", 1));
            caller.interrupt();
            caller.join(PATIENCE.toMillis());
            assertThat(stages).hasSize(10_001);
            assertThat(failure(stages.get(10_000)))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("interrupted while waiting for room");
            Signal.send(redis.pid(), "CONT");
            await().until(() -> stages.size() > 10_100);
            other.interrupt();
            other.join(PATIENCE.toMillis());
            goOn(async);
            assertThat(broker.stats().normal())
                    .isEqualTo(
                            1 + stages.stream().filter(AsyncStages::isAccepted).count());
        }
    }

    @Test
    void eight_mib_wait() throws Exception {
        try (AsyncEnqueueing async = stopped(PATIENCE)) {
            Thread caller = start(async, Task.of("t", "x".repeat(1_000_000)));
            assertThat(stages).hasSize(9);
            caller.interrupt();
            caller.join(PATIENCE.toMillis());
            goOn(async);
            assertThat(broker.stats().normal()).isEqualTo(10);
        }
    }

    @Test
    void a_caller_waits_so_long_and_is_told() throws Exception {
        try (AsyncEnqueueing async = stopped(Duration.ofMillis(200))) {
            Thread caller = start(async, Task.of("t", 1));
            await().until(() -> stages.size() > 10_001);
            caller.interrupt();
            caller.join(PATIENCE.toMillis());
            assertThat(failure(stages.get(10_000)))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("10000 tasks wait for Redis already");
            goOn(async);
        }
    }
}
