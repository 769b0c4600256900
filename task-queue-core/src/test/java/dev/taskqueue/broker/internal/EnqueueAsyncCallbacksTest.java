package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.AsyncStages.PATIENCE;
import static dev.taskqueue.broker.internal.AsyncStages.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.taskqueue.Enqueued;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever is hung on a stage harms no other one. */
class EnqueueAsyncCallbacksTest {

    private final RedisProcess server = RedisProcess.start("--appendonly", "no");
    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = RedisBroker.at(server.settings()).build();
    }

    @AfterEach
    void close() {
        broker.close();
        server.close();
    }

    /** While Redis is stopped, so that no stage is complete before the callback is there. */
    private List<CompletionStage<Enqueued>> enqueueWith(int count, Consumer<Enqueued> callback) {
        List<CompletionStage<Enqueued>> stages = new ArrayList<>();
        Signal.send(server.pid(), "STOP");
        try {
            for (int i = 0; i < count; i++) {
                CompletionStage<Enqueued> stage = broker.enqueueAsync("t", i);
                stage.thenAccept(callback);
                stages.add(stage);
            }
        } finally {
            Signal.send(server.pid(), "CONT");
        }
        return stages;
    }

    @Test
    void one_that_throws() {
        List<CompletionStage<Enqueued>> stages = enqueueWith(100, enqueued -> {
            throw new StackOverflowError("evil");
        });
        stages.forEach(AsyncStages::result);
        result(broker.enqueueAsync("t", 1));
    }

    @Test
    void some_that_block_hold_up_neither_the_others_nor_the_sender() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        List<CompletionStage<Enqueued>> stages = enqueueWith(500, enqueued -> {
            if (begun.incrementAndGet() % 100 == 1) {
                await(finish);
            }
        });
        AsyncStages.awaitEnd(stages);
        for (int i = 0; i < 10; i++) {
            result(broker.enqueueAsync("t", i));
        }
        assertThat(begun).hasValue(500);
        finish.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void one_that_leaves_its_thread_interrupted() {
        AtomicInteger interrupted = new AtomicInteger();
        AtomicInteger run = new AtomicInteger();
        AsyncStages.awaitEnd(enqueueWith(100, enqueued -> {
            interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
            run.incrementAndGet();
            Thread.currentThread().interrupt();
        }));
        Awaitility.await().until(() -> run.get() == 100);
        assertThat(interrupted).hasValue(0);
    }

    @Test
    void one_that_enqueues_more_while_others_keep_all_room_taken() throws Exception {
        int each = 10_000;
        Queue<CompletionStage<Enqueued>> follow = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        List<List<CompletionStage<Enqueued>>> stages = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            List<CompletionStage<Enqueued>> own = new ArrayList<>();
            stages.add(own);
            threads.add(new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    CompletionStage<Enqueued> stage = broker.enqueueAsync("t", i);
                    own.add(stage.thenApply(enqueued -> {
                        follow.add(broker.enqueueAsync("next", 1));
                        return enqueued;
                    }));
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        stages.forEach(own -> own.forEach(AsyncStages::result));
        follow.forEach(AsyncStages::result);
        assertThat(broker.stats().normal()).isEqualTo(8L * each);
    }

    @Test
    void ones_that_enqueue_without_end_are_refused_once_twice_as_many_wait() {
        AtomicInteger refused = new AtomicInteger();
        Queue<CompletionStage<Enqueued>> follow = new ConcurrentLinkedQueue<>();
        List<CompletionStage<Enqueued>> stages = enqueueWith(1, enqueued -> {
            Signal.send(server.pid(), "STOP");
            try {
                for (int i = 0; i < 25_000; i++) {
                    CompletionStage<Enqueued> stage = broker.enqueueAsync("next", i);
                    refused.addAndGet(stage.toCompletableFuture().isCompletedExceptionally() ? 1 : 0);
                    follow.add(stage);
                }
            } finally {
                Signal.send(server.pid(), "CONT");
            }
        });
        AsyncStages.awaitEnd(stages);
        Awaitility.await().atMost(PATIENCE).until(() -> follow.size() == 25_000);
        AsyncStages.awaitEnd(List.copyOf(follow));
        assertThat(refused).hasValue(5_000);
        assertThat(broker.stats().normal()).isEqualTo(20_001);
    }

    @Test
    void one_that_enqueues_and_waits_for_it() {
        Queue<String> ids = new ConcurrentLinkedQueue<>();
        enqueueWith(100, enqueued -> ids.add(broker.enqueue(Task.of("next", 1)).id()));
        Awaitility.await().atMost(PATIENCE).until(() -> ids.size() == 100);
        assertThat(broker.stats().normal()).isEqualTo(200);
    }

    @Test
    void one_that_closes_the_broker() {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        List<CompletionStage<Enqueued>> stages = enqueueWith(2_000, enqueued -> {
            broker.close();
            closed.complete(true);
        });
        AsyncStages.awaitEnd(stages);
        stages.forEach(AsyncStages::result);
        assertThat(closed).succeedsWithin(PATIENCE);
        assertThatIllegalStateException().isThrownBy(() -> broker.enqueueAsync("t", 1));
        assertThat(server.command("LLEN", "gopher_tasks")).isEqualTo(2_000L);
    }

    @Test
    void a_stage_that_its_user_completes_or_cancels_is_enqueued_all_the_same() {
        List<CompletionStage<Enqueued>> stages = enqueueWith(100, enqueued -> {});
        stages.forEach(stage -> stage.toCompletableFuture().cancel(true));
        result(broker.enqueueAsync("t", 1));
        assertThat(broker.stats().normal()).isEqualTo(101);
    }
}
