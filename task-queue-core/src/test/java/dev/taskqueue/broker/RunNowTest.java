package dev.taskqueue.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is scheduled can be found by its id and made ready before its time. */
class RunNowTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private TaskEntry find(String id) {
        return broker.tasks().find(id).orElseThrow();
    }

    @Test
    void a_delayed_task_is_the_next_of_its_lane_and_has_no_time_left_that_would_put_it_back() {
        broker.enqueue(Task.of("t", 1).withId("waits"));
        broker.enqueue(Task.of("t", List.of(1)).withId("later").in(Duration.ofHours(1)));
        TaskEntry later = find("later");
        assertThat(later.place()).isEqualTo(Place.SCHEDULED);
        assertThat(broker.tasks().runNow(List.of(later))).hasSize(1);
        List<TaskEntry> ready =
                broker.tasks().list(TaskFilter.READY, Optional.empty(), 10).entries();
        assertThat(ready).extracting(TaskEntry::id).containsExactly("later", "waits");
        Task task = ready.get(0).task().orElseThrow();
        assertThat(task.runAt()).isEmpty();
        assertThat(task.payload()).hasToString("[1]");
        assertThat(broker.status("later").orElseThrow().state()).isEqualTo(TaskState.PENDING);
        assertThat(broker.stats().scheduled()).isZero();
    }

    @Test
    void it_keeps_its_lane() {
        broker.enqueue(Task.of("t", 1).withId("first"));
        broker.enqueue(Task.of("t", 1).withId("low").withPriority(Priority.LOW).in(Duration.ofHours(1)));
        broker.tasks().runNow(List.of(find("low")));
        assertThat(broker.stats().low()).isEqualTo(1);
    }

    @Test
    void a_bare_entry_is_moved_byte_for_byte() {
        String text = "{ \"id\":\"bare\", \"type\":\"t\",\"payload\":1e2 }";
        redis.client().zadd(redis.key("scheduled"), 5e12, text);
        assertThat(broker.tasks().runNow(List.of(find("bare")))).hasSize(1);
        assertThat(redis.client().lrange(redis.queue(), 0, -1)).containsExactly(text);
        assertThat(broker.status("bare")).isEmpty();
    }

    @Test
    void what_has_left_meanwhile_is_left_alone() {
        broker.enqueue(Task.of("t", 1).withId("gone").in(Duration.ofHours(1)));
        TaskEntry entry = find("gone");
        broker.cancel("gone");
        assertThat(broker.tasks().runNow(List.of(entry))).isEmpty();
        assertThat(broker.stats().ready()).isZero();
        assertThat(broker.status("gone").orElseThrow().state()).isEqualTo(TaskState.CANCELLED);
    }

    @Test
    void what_is_not_scheduled_or_no_task_is_left_alone() {
        broker.enqueue(Task.of("t", 1).withId("ready"));
        redis.client().zadd(redis.key("scheduled"), 5e12, "garbage");
        TaskEntry garbage = broker.tasks()
                .list(TaskFilter.of(Place.SCHEDULED), Optional.empty(), 10)
                .entries()
                .get(0);
        assertThat(broker.tasks().runNow(List.of(find("ready"), garbage))).isEmpty();
        assertThat(broker.stats().scheduled()).isEqualTo(1);
    }

    @Test
    void where_its_lane_cannot_take_it_it_stays_scheduled() {
        broker.enqueue(Task.of("t", 1).withId("later").in(Duration.ofHours(1)));
        TaskEntry entry = find("later");
        redis.client().set(redis.queue(), "no list");
        assertThatThrownBy(() -> broker.tasks().runNow(List.of(entry)))
                .isInstanceOf(BrokerRejectedException.class)
                .hasMessageContaining("task later stays scheduled");
        assertThat(redis.client().zcard(redis.key("scheduled"))).isEqualTo(1);
    }

    @Test
    void a_task_is_found_wherever_it_is() {
        redis.client().zadd(redis.key("workers"), 1, "w");
        redis.client().lpush(redis.key("processing:w"), "{\"id\":\"held\",\"type\":\"t\"}");
        redis.client().zadd(redis.key("waiting"), 1, "p");
        redis.client()
                .lpush(
                        redis.key("waiting:p"),
                        "{\"id\":\"parked\",\"type\":\"p\"}",
                        "{\"id\":\"newer\",\"type\":\"p\"}");
        redis.client().lpush(redis.key("dead"), "{\"id\":\"dead\",\"type\":\"t\"}");
        assertThat(find("held").worker()).contains("w");
        assertThat(find("parked").position()).isZero();
        assertThat(find("newer").position()).isEqualTo(1);
        assertThat(find("dead").place()).isEqualTo(Place.DEAD);
        assertThat(broker.tasks().find("none")).isEmpty();
    }
}
