package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cancellation;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Cancels that race with claims, promotions, retries and ends, many times: what was removed never begins, and what was asked to
 * stop and had not begun never succeeds unless its handler returned.
 */
@SuppressWarnings("try")
class CancelRaceTest {

    private static final int TASKS = 3_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    /** When each task was removed, and when each began last, as counted by one thread's view of the clock. */
    private final Map<String, Long> removedNanos = new ConcurrentHashMap<>();

    private final Map<String, Long> begunNanos = new ConcurrentHashMap<>();
    private final Set<String> begunAfterRemoval = ConcurrentHashMap.newKeySet();

    private Object run(TaskContext task) {
        begunNanos.put(task.id(), System.nanoTime());
        if (removedNanos.containsKey(task.id())) {
            begunAfterRemoval.add(task.id());
        }
        if (task.attempt() == 1 && task.payload().intValue() % 3 == 0) {
            throw new IllegalStateException("the first time");
        }
        return null;
    }

    private static Task task(int number) {
        Task task = Task.of("t", number);
        return number % 2 == 0 ? task : task.in(Duration.ofMillis(number % 7));
    }

    private void race(RedisBroker broker, boolean tracked) {
        Random random = new Random(7);
        List<String> ids = new ArrayList<>();
        Map<String, Cancellation> answers = new ConcurrentHashMap<>();
        Worker.Builder builder = Worker.of(broker)
                .concurrency(2)
                .retryPolicy((task, failure) -> Duration.ofMillis(1))
                .handler("t", this::run);
        try (Worker first = builder.start();
                Worker second = Worker.of(broker)
                        .concurrency(2)
                        .retryPolicy((task, failure) -> Duration.ofMillis(1))
                        .handler("t", this::run)
                        .start()) {
            await().until(() -> first.isReady() && second.isReady());
            for (int i = 0; i < TASKS; i++) {
                String id = broker.enqueue(task(i)).id();
                ids.add(id);
                // Most at once, so that the claim is under way; some later, as they are retried.
                String victim = random.nextInt(4) > 0 ? id : ids.get(Math.max(0, i - random.nextInt(5)));
                Cancellation answer = broker.cancel(victim, "race");
                answers.merge(victim, answer, (old, now) -> old == Cancellation.ALREADY_ENDED ? old : now);
                if (answer == Cancellation.REMOVED) {
                    removedNanos.put(victim, System.nanoTime());
                }
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        }
        assertThat(begunAfterRemoval).as("began after it was removed").isEmpty();
        assertThat(removedNanos)
                .allSatisfy((id, at) ->
                        assertThat(begunNanos.getOrDefault(id, at - 1)).as(id).isLessThan(at));
        assertThat(removedNanos).as("removed").hasSizeGreaterThan(10);
        if (tracked) {
            removedNanos
                    .keySet()
                    .forEach(id ->
                            assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.CANCELLED));
            assertThat(answers.values()).doesNotContain(Cancellation.UNKNOWN);
            assertThat(ids)
                    .allSatisfy(id -> assertThat(
                                    broker.status(id).orElseThrow().state().isFinal())
                            .isTrue());
        }
        assertThat(broker.stats().dead()).isZero();
    }

    @Test
    void what_was_removed_never_begins() {
        try (RedisBroker broker = redis.broker()) {
            race(broker, true);
        }
    }

    @Test
    void without_statuses_neither() {
        try (RedisBroker broker =
                redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build()) {
            race(broker, false);
        }
    }

    /** Attempts that fail by themselves at the very time of the cancel, with no retry left: none may end as a dead letter. */
    @Test
    void what_was_asked_to_stop_and_fails_by_itself_ends_as_cancelled() {
        List<String> cancelled = new ArrayList<>();
        long dead = 0;
        try (RedisBroker broker = redis.broker();
                Worker worker = Worker.of(broker)
                        .concurrency(2)
                        .handler("t", task -> {
                            begunNanos.put(task.id(), System.nanoTime());
                            throw new IllegalStateException("no");
                        })
                        .start()) {
            await().until(worker::isReady);
            for (int i = 0; i < TASKS; i++) {
                Task task = Task.of("t", i).withMaxRetries(0);
                broker.enqueue(task);
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofNanos(1))
                        .atMost(PATIENCE)
                        .until(() -> begunNanos.containsKey(task.id()));
                Cancellation answer = broker.cancel(task.id(), "race");
                if (answer != Cancellation.ALREADY_ENDED) {
                    cancelled.add(task.id());
                }
            }
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            for (String id : cancelled) {
                TaskState state = broker.status(id).orElseThrow().state();
                assertThat(state).as(id).isEqualTo(TaskState.CANCELLED);
            }
            dead = broker.stats().dead();
        }
        assertThat(cancelled).hasSizeGreaterThan(10);
        assertThat(dead).isEqualTo(TASKS - cancelled.size());
    }

    /**
     * A tombstone that is there before the task may be claimed, as when cancel() has written it and not yet searched: the window
     * in which a promotion and an idle wait take the task, again and again.
     */
    @Test
    void what_has_its_tombstone_before_it_is_promoted_never_begins() {
        try (RedisBroker broker = redis.broker();
                Worker worker =
                        Worker.of(broker).concurrency(2).handler("t", this::run).start()) {
            await().until(worker::isReady);
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                Task task = Task.of("t", 1).in(Duration.ofMillis(3));
                redis.client().del(redis.key("cancelled"));
                redis.client().hset(redis.key("cancelled"), task.id(), System.currentTimeMillis() + " why");
                broker.enqueue(task);
                await().pollInterval(Duration.ofMillis(1))
                        .atMost(PATIENCE)
                        .until(() ->
                                broker.status(task.id()).orElseThrow().state().isFinal());
                ids.add(task.id());
            }
            assertThat(ids).noneMatch(begunNanos::containsKey);
        }
    }
}
