package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.EvilOutcomes;
import dev.taskqueue.testing.EvilOutcomes.Named;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Promise 5 for handlers and retry policies: whatever one returns or throws costs its own task at most, never a thread, a
 * slot or a claim. There is one thread, so that losing it stops everything.
 */
class EvilHandlersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    @AfterEach
    void close() {
        broker.close();
    }

    private Worker.Builder worker() {
        return Worker.of(broker).concurrency(1).handler("fine", task -> "fine");
    }

    private TaskState state(String id) {
        return broker.status(id).map(TaskStatus::state).orElseThrow();
    }

    /** Enqueues one task for each, by its number, and a good one last; waits until all have come to an end. */
    private List<String> runAll(int count, int maxRetries, Worker.Builder builder) {
        List<String> ids = new ArrayList<>();
        try (Worker worker = builder.start()) {
            for (int i = 0; i < count; i++) {
                ids.add(broker.enqueue(Task.of("evil", i).withMaxRetries(maxRetries)));
            }
            String fine = broker.enqueue("fine", null);
            await().atMost(PATIENCE).until(() -> state(fine) == TaskState.SUCCEEDED);
            await().atMost(PATIENCE).until(() -> broker.stats().processing() == 0);
            assertThat(worker.health()).isEqualTo(new WorkerHealth(List.of(), List.of()));
        }
        return ids;
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }

    private static TaskHandler throwing(List<Named<Throwable>> failures) {
        return task -> {
            throw EvilHandlersTest.<RuntimeException>unchecked(
                    failures.get(task.payload().intValue()).get());
        };
    }

    @Test
    void whatever_a_handler_throws_fails_its_task_alone() {
        List<Named<Throwable>> failures = EvilOutcomes.failures();
        List<String> ids = runAll(failures.size(), 0, worker().handler("evil", throwing(failures)));
        assertThat(ids).allMatch(id -> state(id) == TaskState.DEAD);
        assertThat(broker.stats().dead()).isEqualTo(ids.size());
    }

    @Test
    void whatever_a_handler_throws_is_retried_where_retries_are_left() {
        List<Named<Throwable>> failures = EvilOutcomes.failures();
        List<String> ids = runAll(
                failures.size(),
                1,
                worker().retryPolicy((task, failure) -> Duration.ofHours(1)).handler("evil", throwing(failures)));
        assertThat(ids).allMatch(id -> state(id) == TaskState.RETRYING);
        assertThat(broker.stats().scheduled()).isEqualTo(ids.size());
    }

    @Test
    void a_permanent_failure_is_one_whatever_it_says() {
        List<Named<Throwable>> failures = EvilOutcomes.permanentFailures();
        assertThat(failures).allMatch(failure -> failure.get() instanceof PermanentFailureException);
        List<String> ids = runAll(failures.size(), 3, worker().handler("evil", throwing(failures)));
        assertThat(ids).allMatch(id -> state(id) == TaskState.DEAD);
    }

    @Test
    void a_task_whose_handler_returned_has_succeeded_whatever_it_returned() {
        List<Named<Object>> results = new ArrayList<>(EvilOutcomes.results());
        results.addAll(EvilOutcomes.unwritableResults());
        List<String> ids = runAll(
                results.size(),
                0,
                worker().handler(
                                "evil",
                                task -> results.get(task.payload().intValue()).get()));
        assertThat(ids).allMatch(id -> state(id) == TaskState.SUCCEEDED);
    }

    @Test
    void a_retry_policy_that_gives_no_delay_costs_no_retry() {
        List<Named<RetryPolicy>> policies = EvilOutcomes.policies();
        List<String> ids = runAll(
                policies.size(),
                3,
                worker().retryPolicy((task, failure) ->
                                policies.get(task.payload().intValue()).get().delayAfter(task, failure))
                        .handler("evil", task -> {
                            throw new IllegalStateException("as asked");
                        }));
        assertThat(ids).allMatch(id -> state(id) == TaskState.RETRYING);
    }
}
