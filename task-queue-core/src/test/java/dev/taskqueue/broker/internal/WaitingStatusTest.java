package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The status of a task that waits is short, as millions may wait; and what it leaves out is told all the same. */
class WaitingStatusTest extends BrokerFixture {

    private String text(Task task) {
        return redis.client().get(redis.key("task:" + task.id()));
    }

    private void assertToldInFull(Task task, TaskState state) {
        TaskStatus status = broker.status(task.id()).orElseThrow();
        assertThat(status.state()).isEqualTo(state);
        assertThat(status.type()).isEqualTo(task.type());
        assertThat(status.createdAt()).contains(task.createdAt());
        assertThat(status.attempts()).isZero();
        assertThat(status.nextAttemptAt())
                .isEqualTo(Optional.ofNullable(task.options().runAt()));
    }

    @Test
    void redis_keeps_it_in_one_piece_with_a_type_of_fifteen_characters() {
        Task task = Task.of("email:send_bulk", 1);
        broker.enqueue(task);
        assertThat(text(task)).isEqualTo("{\"state\":\"pending\",\"type\":\"email:send_bulk\"}");
        assertThat(redis.client().objectEncoding(redis.key("task:" + task.id())))
                .isEqualTo("embstr");
        assertToldInFull(task, TaskState.PENDING);
    }

    @Test
    void what_it_leaves_out_is_told_of_a_batch_and_of_a_delayed_task() {
        Task one = Task.of("a \"type\" \u00e9\u4e2d", 1);
        Task other = Task.of("t".repeat(128), 1).withIdempotencyKey("k");
        Task later = Task.of("t", 1).in(Duration.ofHours(1));
        broker.enqueueAll(List.of(one, other, later));
        assertToldInFull(one, TaskState.PENDING);
        assertToldInFull(other, TaskState.PENDING);
        assertToldInFull(later, TaskState.SCHEDULED);
        assertThat(List.of(text(one), text(other), text(later))).noneMatch(text -> text.contains("created_at"));
    }

    @Test
    void a_time_that_the_id_does_not_tell_is_written() {
        Task named = Task.of("t", 1).withId("order-7");
        Task renamed = Task.of("t", 1).withId("01ARYZ6S41TSV4RRFFQ69G5FAV");
        for (Task task : List.of(named, renamed)) {
            broker.enqueue(task);
            assertThat(text(task)).contains("\"created_at\":" + task.createdAt().toEpochMilli());
            assertToldInFull(task, TaskState.PENDING);
        }
    }

    @Test
    void once_it_has_begun_all_is_written_for_other_programs() {
        Task task = Task.of("t", 1);
        broker.enqueue(task);
        Claim claim = session.claim(1).claims().get(0);
        session.markRunning(Map.of(claim, Duration.ofMinutes(1)));
        String createdAt = "\"created_at\":" + task.createdAt().toEpochMilli();
        assertThat(text(task)).contains("\"state\":\"running\"", createdAt);
        session.settle(List.of(new Outcome.Retry(claim, task.withFailure("no"), Duration.ZERO, Duration.ofMillis(1))));
        assertThat(text(task)).contains("\"state\":\"retrying\"", createdAt);
    }

    @Test
    void a_status_that_says_when_it_was_created_is_believed() {
        String id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
        redis.client()
                .set(redis.key("task:" + id), "{\"state\":\"pending\",\"type\":\"t\",\"created_at\":5,\"attempts\":2}");
        TaskStatus status = broker.status(id).orElseThrow();
        assertThat(status.createdAt()).contains(Instant.ofEpochMilli(5));
        assertThat(status.attempts()).isEqualTo(2);
    }
}
