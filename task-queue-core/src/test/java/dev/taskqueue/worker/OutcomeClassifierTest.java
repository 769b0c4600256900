package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.Json;
import dev.taskqueue.testing.EvilOutcomes;
import dev.taskqueue.testing.EvilOutcomes.Named;
import dev.taskqueue.testing.RedisFixture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever a handler returns or throws, and whatever a retry policy answers, is settled, and can be read. */
class OutcomeClassifierTest {

    private static final int MAX_STATUS_BYTES = 40 << 10;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    /** Enqueues a task for each, lets a worker with one thread run them, and gives the status of each. */
    private <T> Map<Named<T>, TaskStatus> run(
            List<Named<T>> all, int maxRetries, TaskState end, RetryPolicy policy, ThrowingHandler<T> handler) {
        Map<String, Named<T>> byId = new ConcurrentHashMap<>();
        List<Task> tasks = all.stream()
                .map(one -> {
                    Task task = Task.of("t", null).withMaxRetries(maxRetries);
                    byId.put(task.id(), one);
                    return task;
                })
                .toList();
        broker.enqueueAll(tasks);
        Map<Named<T>, TaskStatus> statuses = new ConcurrentHashMap<>();
        try (Worker worker = QuickWorkers.of(broker)
                .concurrency(1)
                .retryPolicy(policy)
                .handler("t", task -> handler.handle(byId.get(task.id())))
                .start()) {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(tasks)
                            .allSatisfy(task -> assertThat(broker.status(task.id())
                                            .orElseThrow()
                                            .state())
                                    .as("%s", byId.get(task.id()))
                                    .isEqualTo(end)));
            assertThat(worker.isReady()).isTrue();
        }
        tasks.forEach(task -> {
            statuses.put(byId.get(task.id()), broker.status(task.id()).orElseThrow());
            assertThat(redis.client().strlen(redis.key("task:" + task.id()))).isLessThan(MAX_STATUS_BYTES);
        });
        return statuses;
    }

    private interface ThrowingHandler<T> {
        Object handle(Named<T> value) throws Exception;
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> Object raise(Throwable failure) throws E {
        throw (E) failure;
    }

    private static RetryPolicy inAnHour() {
        return (task, failure) -> Duration.ofHours(1);
    }

    @Test
    void a_result_is_kept_whatever_it_is() {
        run(EvilOutcomes.results(), 0, TaskState.SUCCEEDED, inAnHour(), Named::get)
                .forEach((result, status) -> {
                    assertThat(status.resultError()).as("%s", result).isEmpty();
                    assertThat(RawJson.parse(status.result().orElseThrow()).toString())
                            .as("%s", result)
                            .isNotBlank();
                });
    }

    @Test
    void a_result_that_cannot_be_written_leaves_its_task_succeeded_with_a_note() {
        run(EvilOutcomes.unwritableResults(), 0, TaskState.SUCCEEDED, inAnHour(), Named::get)
                .forEach((result, status) -> {
                    assertThat(status.result()).as("%s", result).isEmpty();
                    assertThat(status.resultError()).as("%s", result).isPresent();
                    assertThat(status.resultError().orElseThrow()).isNotBlank().hasSizeLessThan(2_100);
                });
    }

    @Test
    void whatever_is_thrown_is_told_briefly_and_tried_again() {
        run(EvilOutcomes.failures(), 1, TaskState.RETRYING, inAnHour(), one -> raise(one.get()))
                .forEach((failure, status) -> assertThat(status.lastError().orElseThrow())
                        .as("%s", failure)
                        .isNotBlank()
                        .hasSizeLessThan(2_100)
                        .satisfies(error -> assertThat(failure.name().contains("emoji") && error.endsWith("\uD83D…"))
                                .isFalse()));
    }

    @Test
    void what_is_not_to_be_tried_again_is_buried_whatever_its_message() {
        run(EvilOutcomes.permanentFailures(), 3, TaskState.DEAD, inAnHour(), one -> raise(one.get()));
        redis.client().lrange(redis.key("dead"), 0, -1).forEach(letter -> RawJson.parse(letter));
    }

    @Test
    void a_retry_policy_that_gives_no_delay_is_replaced() {
        List<Named<RetryPolicy>> policies = EvilOutcomes.policies();
        Iterator<Named<RetryPolicy>> next = policies.iterator();
        run(
                        policies,
                        1,
                        TaskState.RETRYING,
                        (task, failure) -> next.next().get().delayAfter(task, failure),
                        one -> {
                            throw new Exception("x");
                        })
                .forEach((policy, status) -> assertThat(status.nextAttemptAt().orElseThrow())
                        .as("%s", policy)
                        .isAfter(status.startedAt().orElseThrow().plusSeconds(30)));
    }

    @Test
    void a_long_result_is_told_by_its_size_and_its_beginning() throws Exception {
        ResultWriter results = new ResultWriter(() -> Json.mapper());
        String text = "x".repeat(1_022) + "\uD83D\uDE00".repeat(1_000);
        JsonNode cut = results.write(text).json().orElseThrow().tree();
        assertThat(cut.get("truncated").booleanValue()).isTrue();
        assertThat(cut.get("bytes").intValue()).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length + 2);
        assertThat(cut.get("start").textValue()).isEqualTo("\"" + "x".repeat(1_022) + "…");
        JsonNode endless =
                results.write("x".repeat(10 << 20)).json().orElseThrow().tree();
        assertThat(endless.get("more_than_bytes").intValue()).isEqualTo(1 << 20);
        assertThat(endless.has("bytes")).isFalse();
    }
}
