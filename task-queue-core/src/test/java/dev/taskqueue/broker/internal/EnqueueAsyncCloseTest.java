package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.AsyncStages.PATIENCE;
import static dev.taskqueue.broker.internal.AsyncStages.awaitEnd;
import static dev.taskqueue.broker.internal.AsyncStages.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Enqueued;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.FaultyProxy;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A broker that is closed leaves no stage behind: each is sent and told, or told that it was not. */
class EnqueueAsyncCloseTest {

    private static final int THREADS = 6;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final Map<String, CompletionStage<Enqueued>> stages = new ConcurrentHashMap<>();
    private volatile boolean over;

    @AfterEach
    void endThreads() {
        over = true;
    }

    /** Enqueues by many threads until the broker is closed, some time or other after the start. */
    private void enqueueUntilClosed(RedisBroker broker) throws InterruptedException {
        CountDownLatch underWay = new CountDownLatch(THREADS);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            threads.add(new Thread(() -> {
                try {
                    while (!over) {
                        Task task = Task.of("t", 1);
                        stages.put(task.id(), broker.enqueueAsync(task));
                        underWay.countDown();
                    }
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessage("the broker is closed");
                }
            }));
        }
        threads.forEach(Thread::start);
        underWay.await();
        Thread.sleep(ThreadLocalRandom.current().nextInt(30));
        broker.close();
        assertThat(stages.values().stream()
                        .filter(stage -> !stage.toCompletableFuture().isDone()))
                .as("stages without an end when close returns")
                .isEmpty();
        for (Thread thread : threads) {
            thread.join(PATIENCE.toMillis());
            assertThat(thread.isAlive()).isFalse();
        }
        awaitEnd(List.copyOf(stages.values()));
    }

    private void assertRedisHoldsWhatTheStagesSay() {
        Set<String> accepted = new HashSet<>();
        Set<String> inDoubt = new HashSet<>();
        stages.forEach((id, stage) -> {
            if (AsyncStages.isAccepted(stage)) {
                accepted.add(id);
            } else if (failure(stage) instanceof OutcomeUnknownException) {
                inDoubt.add(id);
            }
        });
        List<String> held = new ArrayList<>();
        try (RedisBroker reader = redis.broker()) {
            for (String text : redis.client().lrange(redis.queue(), 0, -1)) {
                held.add(reader.parse(text).id());
            }
        }
        assertThat(held).doesNotHaveDuplicates().containsAll(accepted);
        held.removeAll(accepted);
        assertThat(inDoubt).containsAll(held);
    }

    @RepeatedTest(20)
    void while_many_enqueue_what_is_in_redis_is_what_the_stages_say() throws Exception {
        enqueueUntilClosed(redis.broker());
        assertThat(stages)
                .allSatisfy(
                        (id, stage) -> assertThat(AsyncStages.isAccepted(stage)).isTrue());
        assertRedisHoldsWhatTheStagesSay();
    }

    @RepeatedTest(10)
    void while_replies_are_lost_too() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(
                redis.settings().host(),
                redis.settings().port(),
                ThreadLocalRandom.current().nextLong())) {
            RedisBroker faulty = RedisBroker.at(RedisSettings.of(proxy.address()))
                    .queue(redis.queue())
                    .build();
            proxy.breakReplies(0.1);
            enqueueUntilClosed(faulty);
            assertRedisHoldsWhatTheStagesSay();
        }
    }

    @Test
    void what_waits_is_sent_first() {
        List<CompletionStage<Enqueued>> all = new ArrayList<>();
        RedisBroker broker = redis.broker();
        for (int i = 0; i < 5_000; i++) {
            all.add(broker.enqueueAsync("t", i));
        }
        broker.close();
        assertThat(all).allMatch(AsyncStages::isAccepted);
        assertThat(redis.client().llen(redis.queue())).isEqualTo(5_000);
        broker.close();
    }

    @Test
    void one_whose_redis_hangs_ends_and_tells_which_may_have_been_sent() {
        try (RedisProcess server = RedisProcess.start("--appendonly", "no")) {
            Duration timeout = Duration.ofMillis(500);
            RedisBroker broker = RedisBroker.at(server.settings().toBuilder()
                            .timeouts(timeout, timeout)
                            .build())
                    .build();
            BrokerEngine engine = BrokerEngine.of(broker);
            AsyncEnqueueing async = new AsyncEnqueueing("q", engine.longestCall(), PATIENCE, Duration.ofMillis(100));
            AsyncStages.result(async.add(engine, Task.of("t", 0)));
            Signal.send(server.pid(), "STOP");
            List<CompletionStage<Enqueued>> all = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                all.add(async.add(engine, Task.of("t", i)));
            }
            async.close();
            assertThat(all).allMatch(stage -> stage.toCompletableFuture().isDone());
            int inDoubt = 0;
            for (CompletionStage<Enqueued> stage : all) {
                if (failure(stage) instanceof OutcomeUnknownException) {
                    inDoubt++;
                } else {
                    assertThat(failure(stage))
                            .isInstanceOf(BrokerUnavailableException.class)
                            .hasMessageContaining("closed before it was sent");
                }
            }
            assertThat(inDoubt).isBetween(1, 2_000);
            Signal.send(server.pid(), "CONT");
            broker.close();
        }
    }

    @Test
    void one_whose_thread_is_interrupted_does_not_wait_and_leaves_no_stage_behind() {
        try (RedisProcess server = RedisProcess.start("--appendonly", "no")) {
            RedisBroker broker = RedisBroker.at(server.settings()).build();
            AsyncStages.result(broker.enqueueAsync("t", 0));
            Signal.send(server.pid(), "STOP");
            List<CompletionStage<Enqueued>> all = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                all.add(broker.enqueueAsync("t", i));
            }
            Thread.currentThread().interrupt();
            broker.close();
            assertThat(Thread.interrupted()).isTrue();
            Signal.send(server.pid(), "CONT");
            awaitEnd(all);
            assertThat(all)
                    .anySatisfy(stage -> assertThat(failure(stage))
                            .isInstanceOf(BrokerUnavailableException.class)
                            .hasMessageContaining("closed before it was sent"));
        }
    }

    @Test
    void a_caller_that_waits_for_room_is_told() throws Exception {
        try (RedisProcess server = RedisProcess.start("--appendonly", "no")) {
            RedisBroker broker = RedisBroker.at(server.settings()).build();
            AsyncStages.result(broker.enqueueAsync("t", 0));
            Signal.send(server.pid(), "STOP");
            Thread caller = new Thread(() -> {
                try {
                    while (true) {
                        Task task = Task.of("t", 1);
                        stages.put(task.id(), broker.enqueueAsync(task));
                    }
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessage("the broker is closed");
                }
            });
            caller.start();
            await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
            Thread closer = new Thread(broker::close);
            closer.start();
            caller.join(PATIENCE.toMillis());
            assertThat(caller.isAlive()).isFalse();
            Signal.send(server.pid(), "CONT");
            closer.join(PATIENCE.toMillis());
            assertThat(stages.values()).hasSize(10_000).allMatch(AsyncStages::isAccepted);
        }
    }
}
