package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A task's status tells where the task is, and is there exactly if the task was accepted. */
class StatusTest extends BrokerFixture {

    private TaskStatus status(String id) {
        return broker.status(id).orElseThrow();
    }

    private Claim claimOne() {
        return session.claim(1).claims().get(0);
    }

    @Test
    void it_goes_with_the_task_from_its_begin_to_its_end() {
        session = BrokerEngine.of(broker).session("w\"1", LEASE);
        Task task = Task.of("a \"type\" \u00e9", 1);
        String id = broker.enqueue(task).id();
        assertThat(status(id).state()).isEqualTo(TaskState.PENDING);
        assertThat(status(id).type()).isEqualTo(task.type());
        assertThat(status(id).worker()).isEmpty();
        Claim claim = claimOne();
        session.markRunning(Map.of(claim, Duration.ofMinutes(1)));
        TaskStatus running = status(id);
        assertThat(running.state()).isEqualTo(TaskState.RUNNING);
        assertThat(running.attempts()).isEqualTo(1);
        assertThat(running.worker()).contains("w\"1");
        assertThat(running.startedAt().orElseThrow())
                .isBefore(running.createdAt().orElseThrow());
        Task failed = task.withFailure("half a pair: \uD800");
        session.settle(List.of(new Outcome.Retry(claim, failed, Duration.ZERO, Duration.ofSeconds(5))));
        TaskStatus retrying = status(id);
        assertThat(retrying.state()).isEqualTo(TaskState.RETRYING);
        assertThat(retrying.attempts()).isEqualTo(1);
        assertThat(retrying.lastError()).contains("half a pair: \uD800");
        assertThat(retrying.startedAt().orElseThrow().plusSeconds(5))
                .isEqualTo(retrying.nextAttemptAt().orElseThrow());
        assertThat(retrying.finishedAt()).isEmpty();
        session.promote(1);
        claim = claimOne();
        session.settle(List.of(new Outcome.Dead(claim, failed.withLastError("no"), "why", Duration.ofSeconds(3))));
        TaskStatus dead = status(id);
        assertThat(dead.state()).isEqualTo(TaskState.DEAD);
        assertThat(dead.attempts()).isEqualTo(2);
        assertThat(dead.lastError()).contains("no");
        assertThat(dead.nextAttemptAt()).isEmpty();
        assertThat(dead.startedAt().orElseThrow().plusSeconds(3))
                .isEqualTo(dead.finishedAt().orElseThrow());
        assertThat(redis.client().ttl(redis.key("task:" + id))).isBetween(86_000L, 86_400L);
    }

    @Test
    void a_result_is_kept_as_json_digit_by_digit() {
        String id = broker.enqueue("t", 1).id();
        String json = "{\"n\":12345678901234567890.10,\"empty\":[],\"text\":\"\\\"state\\\":\\\"dead\\\"\"}";
        session.settle(List.of(new Outcome.Succeeded(claimOne(), Duration.ZERO, Optional.of(RawJson.parse(json)))));
        assertThat(status(id).result()).contains(json);
        assertThat(status(id).state()).isEqualTo(TaskState.SUCCEEDED);
    }

    @Test
    void text_that_is_no_status_is_said_to_be_none() {
        for (String text : List.of("{}", "[", "{\"state\":\"lost\"}")) {
            redis.client().set(redis.key("task:x"), text);
            assertThatThrownBy(() -> broker.status("x"))
                    .isInstanceOf(TaskQueueException.class)
                    .isNotInstanceOf(BrokerUnavailableException.class)
                    .hasMessageStartingWith("corrupt status for task x");
        }
    }

    @Test
    void a_batch_that_finds_memory_full_half_way_tells_exactly_what_was_accepted() {
        try (RedisProcess small = RedisProcess.start("--appendonly", "no", "--maxmemory", "6mb");
                RedisBroker full = RedisBroker.at(small.settings()).build()) {
            List<Task> tasks = IntStream.range(0, 20_000)
                    .mapToObj(i -> Task.of("t", "x".repeat(500)))
                    .toList();
            assertThatThrownBy(() -> full.enqueueAll(tasks))
                    .isInstanceOfSatisfying(OutcomeUnknownException.class, e -> {
                        assertThat(e).hasMessageContaining("OOM");
                        assertThat(e.taskIds()).as("in doubt").isEmpty();
                        assertThat((long) e.acceptedIds().size())
                                .isPositive()
                                .isEqualTo(full.stats().normal());
                        assertThat(tasks.subList(0, e.accepted()))
                                .allMatch(task -> full.status(task.id()).isPresent());
                        assertThat(tasks.subList(e.accepted(), tasks.size()))
                                .allMatch(task -> full.status(task.id()).isPresent()
                                        == e.acceptedIds().contains(task.id()));
                    });
        }
    }
}
