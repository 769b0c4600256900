package dev.taskqueue.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.Unique;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What waits can be taken out for good: as cancelled, in bounded steps, and never what a worker has got hold of. */
class PurgeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private List<TaskEntry> purge(TaskFilter filter) {
        List<TaskEntry> purged = new ArrayList<>();
        Optional<String> from = Optional.empty();
        do {
            TaskPage page = broker.tasks().list(filter, from, 500);
            purged.addAll(broker.tasks().purge(page.entries(), "cleared"));
            from = page.next();
        } while (from.isPresent());
        return purged;
    }

    private static Set<String> ids(List<TaskEntry> entries) {
        Set<String> ids = new HashSet<>();
        entries.forEach(entry -> ids.add(entry.id()));
        assertThat(ids).hasSameSizeAs(entries);
        return ids;
    }

    @Test
    void whatever_waits_ends_as_cancelled_and_nobody_waits_for_it_for_ever() throws Exception {
        broker.enqueue(Task.of("t", 1).withId("normal"));
        broker.enqueue(Task.of("t", 1).withId("low").withPriority(Priority.LOW));
        broker.enqueue(Task.of("t", 1).withId("later").in(Duration.ofHours(1)));
        redis.client().zadd(redis.key("waiting"), 1, "new");
        redis.client().lpush(redis.key("waiting:new"), "{\"id\":\"parked\",\"type\":\"new\"}");
        redis.client().lpush(redis.key("dead"), "{\"id\":\"dead\",\"type\":\"t\"}");
        redis.client().lpush(redis.queue(), "no task", "{\"type\":\"bare\"}");
        assertThat(purge(TaskFilter.WAITING)).hasSize(6);
        assertThat(broker.stats().unfinished()).isZero();
        assertThat(broker.stats().dead()).isOne();
        for (String id : List.of("normal", "low", "later", "parked")) {
            TaskStatus status = broker.await(id, PATIENCE).orElseThrow();
            assertThat(status.state()).isEqualTo(TaskState.CANCELLED);
            assertThat(status.cancelReason()).contains("cleared");
            assertThat(redis.client().ttl(redis.key("task:" + id))).isPositive();
        }
        // No more statuses than tasks with an id.
        assertThat(redis.client().keys(redis.key("task:*"))).hasSize(4);
    }

    @Test
    void its_keys_are_free_and_who_waited_for_one_has_it() {
        broker.enqueue(Task.of("t", 1).withId("one").withIdempotencyKey("i").unique(Unique.by("u")));
        broker.enqueue(Task.of("t", 2).withId("two").unique(Unique.by("u").orElse(Unique.OrElse.RUN_AFTER)));
        redis.client().set(redis.key("idempotency:i"), "run:one:lost:c");
        assertThat(purge(TaskFilter.READY.withType("t"))).isNotEmpty();
        assertThat(redis.client().exists(redis.key("idempotency:i"))).isFalse();
        // The second one came into the lane as the first one left.
        purge(TaskFilter.READY);
        assertThat(broker.status("two").orElseThrow().state()).isEqualTo(TaskState.CANCELLED);
        assertThat(redis.client().exists(redis.key("unique:u"))).isFalse();
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void what_runs_or_is_dead_or_not_there_any_more_is_left_alone() {
        redis.client().zadd(redis.key("workers"), 1, "w");
        redis.client().lpush(redis.key("processing:w"), "{\"id\":\"r\",\"type\":\"t\"}");
        redis.client().lpush(redis.key("dead"), "{\"id\":\"d\",\"type\":\"t\"}");
        broker.enqueue(Task.of("t", 1).withId("claimed"));
        TaskFilter everywhere = TaskFilter.of(Place.READY_NORMAL, Place.PROCESSING, Place.DEAD);
        List<TaskEntry> entries =
                broker.tasks().list(everywhere, Optional.empty(), 100).entries();
        assertThat(entries).hasSize(3);
        redis.client().rpop(redis.queue());
        assertThat(broker.tasks().purge(entries, "")).isEmpty();
        assertThat(broker.status("claimed").orElseThrow().state()).isEqualTo(TaskState.PENDING);
        assertThat(broker.stats().processing() + broker.stats().dead()).isEqualTo(2);
    }

    @Test
    void a_second_copy_of_a_task_that_has_ended_leaves_its_status_alone() {
        broker.enqueue(Task.of("t", 1).withId("twice"));
        String done = "{\"since\":1,\"state\":\"succeeded\",\"type\":\"t\",\"created_at\":1}";
        redis.client().set(redis.key("task:twice"), done);
        assertThat(purge(TaskFilter.READY)).hasSize(1);
        assertThat(redis.client().get(redis.key("task:twice"))).isEqualTo(done);
    }

    @Test
    void only_the_types_that_were_asked_for_leave_and_the_others_keep_their_order() {
        broker.enqueueAll(IntStream.range(0, 3_000)
                .mapToObj(i -> Task.of(i % 3 == 0 ? "mail:send" : "other", i).withId("n" + i))
                .toList());
        assertThat(purge(TaskFilter.READY.withType("mail:*"))).hasSize(1_000);
        assertThat(broker.tasks().list(TaskFilter.READY, Optional.empty(), 4).entries().stream()
                        .map(TaskEntry::id))
                .containsExactly("n1", "n2", "n4", "n5");
        assertThat(broker.stats().ready()).isEqualTo(2_000);
    }

    @Test
    void a_hundred_thousand_leave_in_small_steps() {
        int many = 100_000;
        try (RedisProcess own = RedisProcess.start("--appendonly", "no");
                RedisBroker full = RedisBroker.at(own.settings()).build()) {
            for (int i = 0; i < many; i += 5_000) {
                full.enqueueAll(
                        IntStream.range(0, 5_000).mapToObj(n -> Task.of("t", n)).toList());
            }
            own.command("CONFIG", "RESETSTAT");
            long purged = 0;
            Optional<String> from = Optional.empty();
            do {
                TaskPage page = full.tasks().list(TaskFilter.READY, from, 500);
                purged += full.tasks().purge(page.entries(), "").size();
                from = page.next();
            } while (from.isPresent());
            assertThat(purged).isEqualTo(many);
            assertThat(full.stats().ready()).isZero();
            Matcher scripts = Pattern.compile("cmdstat_evalsha:calls=(\\d+)")
                    .matcher(RedisProcess.text(own.command("INFO", "commandstats")));
            assertThat(scripts.find()).isTrue();
            assertThat(Integer.parseInt(scripts.group(1))).isGreaterThanOrEqualTo(many / 50);
        }
    }

    @Test
    void no_task_is_both_run_and_purged() {
        Set<String> ran = ConcurrentHashMap.newKeySet();
        List<Task> tasks = IntStream.range(0, 20_000)
                .mapToObj(i -> Task.of("t", i).withId("n" + i).withPriority(Priority.values()[i % 3]))
                .toList();
        broker.enqueueAll(tasks);
        Set<String> purged;
        try (Worker worker = Worker.of(broker)
                .concurrency(8)
                .consumer("t", task -> {
                    // So that something is left for the purge, which takes from the same end.
                    Thread.sleep(5);
                    ran.add(task.id());
                })
                .start()) {
            await().atMost(PATIENCE).until(() -> ran.size() > 200);
            purged = ids(purge(TaskFilter.READY));
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(purged).as("what was purged").isNotEmpty().doesNotContainAnyElementsOf(ran);
        assertThat(ran.size() + purged.size()).isEqualTo(tasks.size());
        for (String id : purged) {
            assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.CANCELLED);
        }
        for (String id : ran) {
            assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        }
    }
}
