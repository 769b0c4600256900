package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.AsyncStages.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.Unique;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code enqueueAsync} does where nothing fails: the same as {@code enqueue}, in fewer round trips. */
class EnqueueAsyncTest {

    private static final int THREADS = 4;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    /** Some for each of several threads at once: what became of them, by thread. */
    static Map<Integer, List<CompletionStage<Enqueued>>> enqueueByMany(RedisBroker broker, int each)
            throws InterruptedException {
        Map<Integer, List<CompletionStage<Enqueued>>> stages = new ConcurrentHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int number = t;
            threads.add(new Thread(() -> {
                List<CompletionStage<Enqueued>> own = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                    own.add(broker.enqueueAsync(Task.of("t", i).withId(number + "-" + i)));
                }
                stages.put(number, own);
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        return stages;
    }

    @Test
    void a_task_is_accepted_with_its_status() {
        Task task = Task.of("t", 1);
        assertThat(result(broker.enqueueAsync(task))).isEqualTo(new Enqueued(task.id(), true, redis.queue()));
        assertThat(broker.status(task.id()).orElseThrow().state()).isEqualTo(TaskState.PENDING);
        Enqueued other = result(broker.enqueueAsync("t", 2));
        assertThat(broker.stats().normal()).isEqualTo(2);
        assertThat(broker.status(other.id())).isPresent();
    }

    @Test
    void lanes_delays_and_unique_keys_are_as_with_enqueue() {
        Task holder = Task.of("t", 1).unique(Unique.by("k"));
        List<CompletionStage<Enqueued>> stages = List.of(
                broker.enqueueAsync(holder),
                broker.enqueueAsync(Task.of("t", 2).unique(Unique.by("k"))),
                broker.enqueueAsync(Task.of("t", 3).unique(Unique.by("k").orElse(Unique.OrElse.REPLACE))),
                broker.enqueueAsync(Task.of("t", 4).withPriority(Priority.HIGH)),
                broker.enqueueAsync(Task.of("t", 5).in(Duration.ofHours(1))));
        assertThat(result(stages.get(0)).accepted()).isTrue();
        assertThat(result(stages.get(1))).isEqualTo(new Enqueued(holder.id(), false, redis.queue(), false));
        assertThat(result(stages.get(2))).isEqualTo(new Enqueued(holder.id(), false, redis.queue(), true));
        assertThat(result(stages.get(3)).accepted()).isTrue();
        assertThat(result(stages.get(4)).accepted()).isTrue();
        assertThat(broker.stats().scheduled()).isEqualTo(1);
        assertThat(broker.stats().ready()).isEqualTo(2);
    }

    @Test
    void each_threads_tasks_keep_their_order() throws Exception {
        Map<Integer, List<CompletionStage<Enqueued>>> stages = enqueueByMany(broker, 3_000);
        stages.values().forEach(own -> own.forEach(AsyncStages::result));
        List<String> entries = new ArrayList<>(redis.client().lrange(redis.queue(), 0, -1));
        Collections.reverse(entries);
        List<String> ids = entries.stream().map(text -> broker.parse(text).id()).toList();
        assertThat(ids).hasSize(THREADS * 3_000);
        for (int t = 0; t < THREADS; t++) {
            String thread = t + "-";
            assertThat(ids.stream().filter(id -> id.startsWith(thread)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 3_000).mapToObj(i -> thread + i).toList());
        }
    }

    @Test
    void tasks_of_a_broker_with_routes_and_of_its_views_go_to_their_queues() {
        String mail = redis.queue() + "-mail";
        String other = redis.queue() + "-other";
        try (RedisBroker routed = redis.brokerBuilder().route("email:*", mail).build()) {
            List<CompletionStage<Enqueued>> stages = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                stages.add(routed.enqueueAsync(i % 3 == 0 ? "email:send" : "t", i));
                stages.add(routed.queue(other).enqueueAsync("email:send", i));
            }
            assertThat(stages.stream().map(AsyncStages::result).map(Enqueued::queue))
                    .containsOnly(redis.queue(), mail, other);
            assertThat(routed.stats().normal()).isEqualTo(200);
            assertThat(routed.queue(mail).stats().normal()).isEqualTo(100);
            assertThat(routed.queue(other).stats().normal()).isEqualTo(300);
        }
    }

    @Test
    void callers_share_round_trips() throws Exception {
        try (RedisProcess own = RedisProcess.start("--appendonly", "no");
                RedisBroker busy = RedisBroker.at(own.settings()).build()) {
            enqueueByMany(busy, 10_000).values().forEach(stages -> stages.forEach(AsyncStages::result));
            String pushes = RedisProcess.text(own.command("INFO", "commandstats"))
                    .replaceFirst("(?s).*cmdstat_lpush:calls=(\\d+),.*", "$1");
            assertThat(Integer.parseInt(pushes)).as("LPUSH for 40,000 tasks").isBetween(1, 8_000);
        }
    }

    @Test
    void it_has_threads_only_where_it_is_used_and_while_it_is_open() {
        broker.enqueue("t", 1);
        assertThat(threads()).isEmpty();
        RedisBroker view = broker.queue(redis.queue() + "-view");
        for (int i = 0; i < 100; i++) {
            result(broker.enqueueAsync("t", i));
            result(view.enqueueAsync("t", i));
            result(broker.queue(redis.queue() + i).enqueueAsync("t", i));
        }
        assertThat(threads())
                .containsExactlyInAnyOrder(
                        "task-queue-enqueue-" + redis.queue(), "task-queue-enqueued-" + redis.queue());
        view.close();
        result(broker.enqueueAsync("t", 1));
        broker.close();
        await().untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    private List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isDaemon)
                .map(Thread::getName)
                .filter(name -> name.endsWith(redis.queue()))
                .toList();
    }

    @Test
    void what_the_caller_got_wrong_is_thrown() {
        assertThatThrownBy(() -> broker.enqueueAsync("t", "x".repeat(2 << 20)))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining("bytes as JSON");
        broker.close();
        for (RedisBroker closed : List.of(broker, broker.queue("x"))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> closed.enqueueAsync("t", 1))
                    .withMessage("the broker is closed");
        }
    }
}
