package dev.taskqueue.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.MoveResult;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.Unique;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisServer;
import dev.taskqueue.testing.TestCluster;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tasks can be moved to another queue: each is in one of the two at every instant, with all that belongs to it. */
class MoveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TaskFilter DEAD = TaskFilter.of(Place.DEAD);
    private static final TaskFilter SCHEDULED = TaskFilter.of(Place.SCHEDULED);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    private RedisBroker other;
    private String to;

    @BeforeEach
    void open() {
        broker = redis.broker();
        to = redis.queue() + "-other";
        other = broker.queue(to);
    }

    private MoveResult move(TaskFilter filter) {
        List<TaskEntry> moved = new ArrayList<>();
        List<TaskEntry> kept = new ArrayList<>();
        Optional<String> from = Optional.empty();
        do {
            TaskPage page = broker.tasks().list(filter, from, 500);
            MoveResult result = broker.tasks().move(page.entries(), to);
            moved.addAll(result.moved());
            kept.addAll(result.kept());
            from = page.next();
        } while (from.isPresent());
        return new MoveResult(moved, kept);
    }

    private String there(String key) {
        return to + ":" + key;
    }

    @Test
    void a_task_keeps_its_bytes_its_order_and_its_status() {
        broker.enqueueAll(IntStream.range(0, 120)
                .mapToObj(i -> Task.of("t", i).withId("n" + i))
                .toList());
        List<String> bytes = redis.client().lrange(redis.queue(), 0, -1);
        redis.client().set(redis.key("recoveries:n5"), "2");
        String status = redis.client().get(redis.key("task:n5"));
        assertThat(move(TaskFilter.READY).moved()).hasSize(120);
        assertThat(redis.client().lrange(to, 0, -1)).isEqualTo(bytes);
        assertThat(redis.client().get(there("task:n5"))).isEqualTo(status);
        assertThat(broker.status("n5")).isEmpty();
        assertThat(other.status("n5").orElseThrow().recoveries()).isZero();
        assertThat(broker.stats().unfinished()).isZero();
        assertThat(redis.client().exists(redis.key("recoveries:n5"))).isFalse();
    }

    @Test
    void each_place_goes_to_the_same_place_and_what_is_parked_to_its_lane() {
        broker.enqueue(Task.of("t", 1).withId("n"));
        broker.enqueue(Task.of("t", 1).withId("h").withPriority(Priority.HIGH));
        broker.enqueue(Task.of("t", 1).withId("l").withPriority(Priority.LOW));
        broker.enqueue(Task.of("t", 1).withId("s").in(Duration.ofHours(1)));
        redis.client().zadd(redis.key("waiting"), 1, "p");
        redis.client()
                .lpush(
                        redis.key("waiting:p"),
                        "{\"id\":\"p1\",\"type\":\"p\"}",
                        "{\"id\":\"p2\",\"type\":\"p\",\"priority\":\"low\"}");
        redis.client().lpush(redis.key("dead"), "{\"id\":\"d1\",\"type\":\"t\"}", "garbage");
        List<String> letters = redis.client().lrange(redis.key("dead"), 0, -1);
        Double due = redis.client()
                .zscore(
                        redis.key("scheduled"),
                        redis.client().zrange(redis.key("scheduled"), 0, 0).get(0));
        assertThat(move(TaskFilter.WAITING).moved()).hasSize(6);
        assertThat(move(DEAD).moved()).hasSize(2);
        assertThat(redis.client().lrange(there("dead"), 0, -1)).isEqualTo(letters);
        assertThat(redis.client().zrangeWithScores(there("scheduled"), 0, -1))
                .singleElement()
                .satisfies(one -> assertThat(one.getScore()).isEqualTo(due));
        assertThat(other.stats().high() + other.stats().normal() + other.stats().low())
                .isEqualTo(5);
        assertThat(redis.client().lrange(there("low"), 0, -1)).hasSize(2);
        assertThat(broker.stats().unfinished() + broker.stats().dead()).isZero();
        assertThat(other.stats().parked()).isZero();
    }

    @Test
    void a_unique_key_goes_along_and_what_a_key_ties_stays() {
        broker.enqueue(Task.of("t", 1).withId("free").unique(Unique.by("free")));
        broker.enqueue(Task.of("t", 1).withId("taken").unique(Unique.by("taken")));
        other.enqueue(Task.of("t", 1).withId("holder").unique(Unique.by("taken")));
        broker.enqueue(Task.of("t", 1).withId("first").unique(Unique.by("pair")));
        broker.enqueue(Task.of("t", 1).withId("second").unique(Unique.by("pair").orElse(Unique.OrElse.RUN_AFTER)));
        MoveResult result = move(new TaskFilter(TaskFilter.WAITING.places(), "t"));
        assertThat(result.moved()).extracting(TaskEntry::id).containsExactly("free");
        assertThat(result.kept()).extracting(TaskEntry::id).containsExactlyInAnyOrder("taken", "first", "second");
        assertThat(redis.client().hget(there("unique:free"), "id")).isEqualTo("free");
        assertThat(redis.client().ttl(there("unique:free"))).isPositive();
        assertThat(redis.client().exists(redis.key("unique:free"))).isFalse();
        assertThat(broker.enqueue(Task.of("t", 1).unique(Unique.by("free"))).accepted())
                .isTrue();
        assertThat(other.enqueue(Task.of("t", 1).unique(Unique.by("free"))).id())
                .isEqualTo("free");
    }

    @Test
    void what_has_succeeded_under_its_key_does_not_run_again_in_the_other_queue() {
        broker.enqueue(Task.of("t", 1).withId("copy").withIdempotencyKey("k"));
        redis.client().set(redis.key("idempotency:k"), "done:earlier");
        redis.client().expire(redis.key("idempotency:k"), 1_000);
        broker.enqueue(Task.of("t", 1).withId("busy").withIdempotencyKey("b"));
        redis.client().zadd(redis.key("workers"), 1, "w");
        redis.client().set(redis.key("idempotency:b"), "run:busy:w:c");
        MoveResult result = move(TaskFilter.READY);
        assertThat(result.moved()).extracting(TaskEntry::id).containsExactly("copy");
        assertThat(result.kept()).extracting(TaskEntry::id).containsExactly("busy");
        assertThat(redis.client().get(there("idempotency:k"))).isEqualTo("done:earlier");
        assertThat(redis.client().ttl(there("idempotency:k"))).isBetween(900L, 1_000L);
    }

    @Test
    void what_is_cancelled_stays_cancelled() {
        broker.enqueue(Task.of("t", 1).withId("c"));
        redis.client().hset(redis.key("cancelled"), "c", "1 why");
        assertThat(move(TaskFilter.READY).moved()).hasSize(1);
        assertThat(redis.client().hget(there("cancelled"), "c")).isEqualTo("1 why");
        assertThat(redis.client().exists(redis.key("cancelled"))).isFalse();
    }

    @Test
    void copies_of_the_same_bytes_stay_as_many() {
        redis.client().zadd(redis.key("scheduled"), 5e12, "{\"type\":\"t\"}");
        redis.client().zadd(there("scheduled"), 4e12, "{\"type\":\"t\"}");
        redis.client().zadd(redis.key("scheduled"), Double.POSITIVE_INFINITY, "{\"type\":\"u\"}");
        assertThat(move(SCHEDULED).moved()).hasSize(2);
        assertThat(other.stats().scheduled()).isEqualTo(3);
    }

    @Test
    void where_it_cannot_be_it_says_so_and_nothing_moves() {
        broker.enqueue(Task.of("t", 1).withId("x"));
        for (String name : List.of(redis.queue(), "", "a:dead:b")) {
            assertThatThrownBy(() -> broker.tasks().move(List.of(), name)).isInstanceOf(InvalidTaskException.class);
        }
        redis.client().set(there("format"), "999");
        assertThatThrownBy(() -> move(TaskFilter.READY)).hasMessageContaining("upgrade");
        redis.client().del(there("format"));
        redis.client().set(to, "no list");
        assertThatThrownBy(() -> move(TaskFilter.READY))
                .isInstanceOf(BrokerRejectedException.class)
                .hasMessageContaining("0 entries were moved, the rest were not: WRONGTYPE");
        assertThat(broker.stats().ready()).isOne();
        assertThat(broker.status("x")).isPresent();
    }

    @Test
    void in_a_cluster_it_is_refused_while_listing_and_purging_work() {
        try (TestCluster cluster = TestCluster.start(RedisServer.usual());
                RedisBroker clustered = RedisBroker.at(
                                RedisSettings.at(cluster.addresses()).cluster().build())
                        .build()) {
            clustered.enqueue(
                    Task.of("t", 1).withId("x").withIdempotencyKey("k").unique(Unique.by("u")));
            List<TaskEntry> entries = clustered
                    .tasks()
                    .list(TaskFilter.WAITING, Optional.empty(), 10)
                    .entries();
            assertThatThrownBy(() -> clustered.tasks().move(entries, "elsewhere"))
                    .isInstanceOf(InvalidTaskException.class)
                    .hasMessageContaining("different slots");
            assertThat(clustered.tasks().purge(entries, "")).hasSize(1);
            assertThat(clustered.status("x").orElseThrow().state()).isEqualTo(TaskState.CANCELLED);
            assertThat(clustered.findQueues(PATIENCE).complete()).isFalse();
        }
    }

    @Test
    void no_task_is_run_twice_or_lost_while_both_queues_are_worked_on() {
        Queue<String> here = new ConcurrentLinkedQueue<>();
        Queue<String> there = new ConcurrentLinkedQueue<>();
        List<Task> tasks = IntStream.range(0, 10_000)
                .mapToObj(i -> Task.of("t", i).withId("n" + i).withPriority(Priority.values()[i % 3]))
                .toList();
        broker.enqueueAll(tasks);
        MoveResult result;
        try (Worker one = Worker.of(broker)
                        .concurrency(4)
                        .consumer("t", task -> here.add(task.id()))
                        .start();
                Worker two = Worker.of(other)
                        .concurrency(4)
                        .consumer("t", task -> there.add(task.id()))
                        .start()) {
            await().atMost(PATIENCE).until(() -> here.size() > 100);
            result = move(TaskFilter.READY);
            await().atMost(PATIENCE).until(() -> here.size() + there.size() == tasks.size());
            assertThat(one.isReady() && two.isReady()).isTrue();
        }
        Set<String> all = ConcurrentHashMap.newKeySet();
        all.addAll(here);
        all.addAll(there);
        assertThat(all).hasSize(tasks.size());
        assertThat(there).hasSameSizeAs(result.moved());
        for (String id : there) {
            assertThat(other.status(id).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        }
    }

    @Test
    void whoever_awaits_a_task_of_its_routes_finds_it_in_its_new_queue() throws Exception {
        try (RedisBroker routed = redis.brokerBuilder().route("other:*", to).build()) {
            routed.enqueue(Task.of("t", 1).withId("awaited"));
            Thread mover = new Thread(() -> {
                move(TaskFilter.READY);
                other.cancel("awaited");
            });
            mover.start();
            assertThat(routed.await("awaited", PATIENCE).orElseThrow().queue()).isEqualTo(to);
            mover.join();
        }
    }
}
