package dev.taskqueue.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is in each place can be listed, a page at a time, whatever comes and goes meanwhile. */
class TaskListingTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private List<TaskEntry> all(TaskFilter filter, int max) {
        List<TaskEntry> entries = new ArrayList<>();
        Optional<String> from = Optional.empty();
        do {
            TaskPage page = broker.tasks().list(filter, from, max);
            entries.addAll(page.entries());
            from = page.next();
        } while (from.isPresent());
        return entries;
    }

    private static List<String> ids(List<TaskEntry> entries) {
        return entries.stream().map(TaskEntry::id).toList();
    }

    private void enqueue(int from, int to) {
        broker.enqueueAll(IntStream.range(from, to)
                .mapToObj(i -> Task.of("t" + i % 2, i).withId("n" + i))
                .toList());
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "n" + i).toList();
    }

    @Test
    void lanes_come_in_the_order_in_which_they_run() {
        enqueue(0, 3);
        broker.enqueue(Task.of("t", 1).withId("low").withPriority(Priority.LOW));
        broker.enqueue(Task.of("t", 1).withId("high").withPriority(Priority.HIGH));
        List<TaskEntry> entries = all(TaskFilter.READY, 2);
        assertThat(ids(entries)).containsExactly("high", "n0", "n1", "n2", "low");
        TaskEntry entry = entries.get(2);
        assertThat(entry.position()).isEqualTo(1);
        assertThat(entry.place()).isEqualTo(Place.READY_NORMAL);
        assertThat(entry.state()).isEqualTo(TaskState.PENDING);
        assertThat(entry.queue()).isEqualTo(redis.queue());
        assertThat(entry.task().orElseThrow().payload()).hasToString("1");
    }

    @Test
    void scheduled_tasks_come_next_due_first_with_when_that_is() {
        for (int i = 9; i >= 0; i--) {
            broker.enqueue(Task.of("t", i).withId("s" + i).in(Duration.ofHours(1 + i)));
        }
        List<TaskEntry> entries = all(TaskFilter.of(Place.SCHEDULED), 3);
        assertThat(ids(entries)).containsExactly("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9");
        assertThat(entries.get(4).dueAt())
                .isEqualTo(Optional.of(
                        entries.get(4).task().orElseThrow().options().runAt()));
        assertThat(entries.get(4).state()).isEqualTo(TaskState.SCHEDULED);
    }

    @Test
    void what_is_held_parked_dead_or_on_trial_is_told_with_by_whom() {
        redis.client().zadd(redis.key("workers"), 2, "a-worker");
        redis.client().zadd(redis.key("workers"), 1, "z-worker");
        redis.client().lpush(redis.key("processing:a-worker"), "{\"id\":\"a\",\"type\":\"t\"}");
        redis.client().lpush(redis.key("processing:z-worker"), "{\"id\":\"z\",\"type\":\"t\"}");
        redis.client().zadd(redis.key("waiting"), 1, "p");
        redis.client().lpush(redis.key("waiting:p"), "{\"id\":\"p\",\"type\":\"p\"}");
        redis.client().lpush(redis.key("suspects"), "{\"id\":\"s\",\"type\":\"t\"}");
        redis.client().lpush(redis.key("dead"), "{\"id\":\"d1\",\"type\":\"t\"}", "{\"id\":\"d2\",\"type\":\"t\"}");
        List<TaskEntry> entries = all(TaskFilter.of(Place.PROCESSING, Place.PARKED, Place.SUSPECTS, Place.DEAD), 1);
        assertThat(ids(entries)).containsExactly("a", "z", "p", "s", "d1", "d2");
        assertThat(entries.get(1).worker()).contains("z-worker");
        assertThat(entries.get(1).state()).isEqualTo(TaskState.RUNNING);
    }

    @Test
    void a_type_narrows_and_the_page_says_how_many_were_looked_at() {
        enqueue(0, 1_200);
        TaskPage page = broker.tasks().list(TaskFilter.READY.withType("t1"), Optional.empty(), 600);
        assertThat(page.entries()).hasSize(300);
        assertThat(page.searched()).isEqualTo(600);
        assertThat(page.next()).isPresent();
        assertThat(all(TaskFilter.READY.withType("t*"), 1_000_000)).hasSize(1_200);
        assertThat(broker.tasks().list(TaskFilter.READY.withType("other"), Optional.empty(), 1_000_000))
                .isEqualTo(new TaskPage(List.of(), 1_200, Optional.empty()));
    }

    @Test
    void what_comes_and_goes_meanwhile_moves_no_page() {
        enqueue(0, 30);
        TaskPage first = broker.tasks().list(TaskFilter.READY, Optional.empty(), 10);
        // Workers take seven, one of those shown is cancelled, and producers bring more.
        redis.client().rpop(redis.queue(), 7);
        broker.cancel("n8");
        enqueue(30, 35);
        TaskPage second = broker.tasks().list(TaskFilter.READY, first.next(), 10);
        assertThat(ids(second.entries())).isEqualTo(numbered(10, 20));
        // More than was shown: what is left begins with the next to run.
        redis.client().rpop(redis.queue(), 16);
        TaskPage third = broker.tasks().list(TaskFilter.READY, second.next(), 100);
        assertThat(ids(third.entries())).isEqualTo(numbered(24, 35));
    }

    @Test
    void many_that_are_due_in_the_same_millisecond_have_pages_too() {
        for (int i = 0; i < 1_000; i++) {
            redis.client().zadd(redis.key("scheduled"), 5e12, String.format("{\"id\":\"n%03d\",\"type\":\"t\"}", i));
        }
        TaskPage first = broker.tasks().list(TaskFilter.of(Place.SCHEDULED), Optional.empty(), 400);
        assertThat(broker.tasks().purge(first.entries(), "")).hasSize(400);
        redis.client().zadd(redis.key("scheduled"), 4e12, "{\"id\":\"earlier\",\"type\":\"t\"}");
        TaskPage second = broker.tasks().list(TaskFilter.of(Place.SCHEDULED), first.next(), 1_000);
        TaskPage third = broker.tasks().list(TaskFilter.of(Place.SCHEDULED), second.next(), 1_000);
        assertThat(ids(second.entries()).get(0)).isEqualTo("n400");
        assertThat(second.entries().size() + third.entries().size()).isEqualTo(600);
        assertThat(third.next()).isEmpty();
    }

    @Test
    void what_is_no_task_is_listed_with_why_and_a_huge_entry_without_its_bytes() {
        redis.client().lpush(redis.queue(), "garbage", "{\"type\":\"bare\"}", "x".repeat(3 << 20));
        redis.client().zadd(redis.key("scheduled"), Double.POSITIVE_INFINITY, "{\"id\":\"never\",\"type\":\"t\"}");
        List<TaskEntry> entries = all(TaskFilter.WAITING, 1);
        assertThat(entries).hasSize(4);
        assertThat(entries.get(0).type()).isEmpty();
        assertThat(entries.get(0).problem()).isPresent();
        assertThat(entries.get(1).id()).startsWith("raw-");
        assertThat(entries.get(1).type()).contains("bare");
        assertThat(entries.get(2).raw()).isEmpty();
        assertThat(entries.get(2).problem().orElseThrow()).contains("3145728 bytes");
        assertThat(entries.get(3).dueAt()).isEmpty();
    }

    @Test
    void a_place_that_holds_something_else_is_empty_and_a_foreign_cursor_is_refused() {
        redis.client().set(redis.key("high"), "x");
        redis.client().set(redis.key("waiting"), "x");
        assertThat(all(TaskFilter.WAITING, 10)).isEmpty();
        for (String from : List.of("17", "", "bm9uc2Vuc2U", "ö")) {
            assertThatThrownBy(() -> broker.tasks().list(TaskFilter.READY, Optional.of(from), 10))
                    .isInstanceOf(InvalidTaskException.class);
        }
        assertThatThrownBy(() -> TaskFilter.of()).isInstanceOf(InvalidTaskException.class);
    }
}
