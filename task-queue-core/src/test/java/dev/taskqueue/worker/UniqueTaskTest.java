package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Enqueued;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.Unique;
import dev.taskqueue.Unique.OrElse;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Unique tasks with real workers: whatever becomes of the holder, the key is held as long as it is unfinished. */
@SuppressWarnings("try")
class UniqueTaskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Unique UNIQUE = Unique.by("k");

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final Semaphore mayEnd = new Semaphore(0);
    private final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();
    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private Worker.Builder worker() {
        return QuickWorkers.of(broker)
                .concurrency(4)
                .retryPolicy((task, failure) -> Duration.ofMillis(20))
                .handler("gated", task -> {
                    begun.add(task.payload().asText());
                    mayEnd.acquire();
                    return null;
                })
                .handler("dies", task -> {
                    throw new PermanentFailureException("no");
                })
                .handler("fails once", task -> {
                    if (task.attempt() == 1) {
                        throw new IllegalStateException("no");
                    }
                    return null;
                });
    }

    private TaskState end(Enqueued enqueued) throws InterruptedException {
        return broker.await(enqueued.id(), PATIENCE).orElseThrow().state();
    }

    private void assertFree() {
        assertThat(redis.client().exists(redis.key("unique:k"))).isFalse();
    }

    @Test
    void whatever_a_task_ends_of_frees_its_key() throws Exception {
        try (Worker worker = worker().start()) {
            for (String type : List.of("dies", "fails once")) {
                TaskState state = end(broker.enqueue(Task.of(type, 1).unique(UNIQUE)));
                assertThat(state).isEqualTo(type.equals("dies") ? TaskState.DEAD : TaskState.SUCCEEDED);
                assertFree();
            }
            Task expired =
                    Task.of("gated", 1).unique(UNIQUE).expiresAt(Instant.now().minusMillis(1));
            assertThat(end(broker.enqueue(expired))).isEqualTo(TaskState.EXPIRED);
            assertFree();
            mayEnd.release(2);
            Task done = Task.of("gated", 1).withIdempotencyKey("i").unique(UNIQUE);
            assertThat(end(broker.enqueue(done))).isEqualTo(TaskState.SUCCEEDED);
            assertThat(end(broker.enqueue(done.withId("again")))).isEqualTo(TaskState.DUPLICATE);
            assertFree();
        }
    }

    @Test
    void run_after_runs_twice_for_any_number_the_second_time_with_the_newest_content() throws Exception {
        Task any = Task.of("gated", 0).unique(UNIQUE.orElse(OrElse.RUN_AFTER));
        try (Worker worker = worker().start()) {
            Enqueued first = broker.enqueue(any);
            await().atMost(PATIENCE).until(() -> begun.size() == 1);
            Enqueued second = null;
            for (int i = 1; i <= 20; i++) {
                Enqueued next = broker.enqueue(Task.of("gated", i).unique(UNIQUE.orElse(OrElse.RUN_AFTER)));
                second = second == null ? next : second;
                assertThat(next.id()).isEqualTo(second.id());
                assertThat(next.accepted()).isEqualTo(i == 1);
            }
            assertThat(begun).containsExactly("0");
            mayEnd.release(2);
            assertThat(end(first)).isEqualTo(TaskState.SUCCEEDED);
            assertThat(end(second)).isEqualTo(TaskState.SUCCEEDED);
        }
        assertThat(begun).containsExactly("0", "20");
        assertFree();
    }

    @Test
    void replace_runs_the_newest_content_alone() throws Exception {
        List<Task> tasks = IntStream.range(0, 1_000)
                .mapToObj(i -> Task.of("gated", i).unique(UNIQUE.orElse(OrElse.REPLACE)))
                .toList();
        List<Enqueued> results = broker.enqueueAll(tasks);
        assertThat(results).extracting(Enqueued::id).containsOnly(tasks.get(0).id());
        assertThat(broker.stats().unfinished()).isEqualTo(1);
        mayEnd.release();
        try (Worker worker = worker().start()) {
            assertThat(end(results.get(0))).isEqualTo(TaskState.SUCCEEDED);
        }
        assertThat(begun).containsExactly("999");
        assertFree();
    }

    @Test
    void the_key_of_a_worker_that_is_gone_is_held_until_its_task_is_recovered_and_has_ended() throws Exception {
        Enqueued lost = broker.enqueue(Task.of("gated", "lost").unique(UNIQUE));
        var session = BrokerEngine.of(broker).session("lost", Duration.ofSeconds(1));
        session.beat();
        var claims = session.claim(1).claims();
        session.begin(claims, () -> claims);
        mayEnd.release();
        try (Worker worker = worker().lease(Duration.ofSeconds(1)).start()) {
            assertThat(broker.enqueue(Task.of("gated", 2).unique(UNIQUE)).id()).isEqualTo(lost.id());
            assertThat(end(lost)).isEqualTo(TaskState.SUCCEEDED);
        }
        assertFree();
    }

    @Test
    void bare_pushes_of_one_key_run_one_at_a_time() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ids.add("bare" + i);
            redis.client()
                    .lpush(
                            redis.queue(),
                            "{\"id\":\"bare" + i
                                    + "\",\"type\":\"one\",\"unique\":{\"key\":\"k\",\"or_else\":\"run_after\"}}");
        }
        try (Worker worker = worker().consumer("one", task -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.sleep(50);
                    running.decrementAndGet();
                })
                .start()) {
            for (String id : ids) {
                await().atMost(PATIENCE)
                        .until(() -> broker.status(id)
                                .filter(status -> status.state() == TaskState.SUCCEEDED)
                                .isPresent());
            }
        }
        assertThat(most).hasValue(1);
        assertFree();
    }

    @Test
    void one_that_a_worker_claimed_ahead_and_gave_back_can_be_replaced_again() {
        AtomicInteger quick = new AtomicInteger();
        try (Worker worker = worker().concurrency(1)
                .handler("quick", task -> quick.incrementAndGet())
                .start()) {
            broker.enqueueAll(
                    IntStream.range(0, 3_000).mapToObj(i -> Task.of("quick", i)).toList());
            await().atMost(PATIENCE).until(() -> quick.get() == 3_000);
            Unique replace = UNIQUE.orElse(OrElse.REPLACE);
            broker.enqueueAll(
                    List.of(Task.of("gated", "slow"), Task.of("gated", "old").unique(replace)));
            await().atMost(PATIENCE)
                    .until(() ->
                            broker.stats().processing() == 1 && broker.stats().ready() == 1);
            assertThat(broker.enqueue(Task.of("gated", "new").unique(replace)).replaced())
                    .isTrue();
            mayEnd.release(2);
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        }
        assertThat(begun).containsExactly("slow", "new");
    }
}
