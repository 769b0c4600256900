package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.AsyncStages.failure;
import static dev.taskqueue.broker.internal.AsyncStages.result;
import static dev.taskqueue.broker.internal.AsyncStages.sendTogether;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Enqueued;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.Unique;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.FaultyProxy;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/** Each stage tells the truth of its own task, whatever becomes of those that it was sent with. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class EnqueueAsyncFailureTest {

    private static final String QUEUE = RedisBroker.Builder.DEFAULT_QUEUE;

    private final RedisServer server;
    private RedisProcess redis;
    private RedisBroker broker;

    EnqueueAsyncFailureTest(RedisServer server) {
        this.server = server;
    }

    @BeforeEach
    void open() {
        redis = RedisProcess.start(server, "--appendonly", "no");
        broker = RedisBroker.at(redis.settings()).build();
    }

    @AfterEach
    void close() {
        broker.close();
        redis.close();
    }

    private static List<Task> tasks(int count, IntFunction<Task> made) {
        return IntStream.range(0, count)
                .mapToObj(i -> made.apply(i).withId("task-" + i))
                .toList();
    }

    private static Task plain(int number) {
        return Task.of("t", number);
    }

    /** The ids in a lane, the oldest first. */
    private List<String> lane(String lane) {
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port())) {
            List<String> ids = new ArrayList<>();
            for (String text : jedis.lrange(lane, 0, -1)) {
                ids.add(broker.parse(text).id());
            }
            Collections.reverse(ids);
            return ids;
        }
    }

    private void assertOwn(Throwable failure, Class<? extends Throwable> kind, Task task) {
        assertThat(failure).isExactlyInstanceOf(kind).hasMessageContaining("task " + task.id() + " ");
        assertThat(failure.getMessage()).hasSizeLessThan(500);
        if (failure instanceof OutcomeUnknownException unknown) {
            assertThat(unknown.taskIds()).containsExactly(task.id());
            assertThat(unknown.acceptedIds()).isEmpty();
        }
    }

    private void assertAllFail(
            List<CompletableFuture<Enqueued>> stages, Class<? extends Throwable> kind, List<Task> tasks) {
        for (int i = 0; i < tasks.size(); i++) {
            assertOwn(failure(stages.get(i)), kind, tasks.get(i));
        }
    }

    @Test
    void a_unique_key_of_a_wrong_type_fails_its_own_task_alone() {
        redis.command("SET", QUEUE + ":unique:bad", "x");
        List<Task> tasks = tasks(
                100,
                i -> i == 0 || i == 41 || i == 42 || i == 99
                        ? plain(i).unique(Unique.by("bad"))
                        : i == 50 ? plain(i).withIdempotencyKey("k") : plain(i));
        List<CompletableFuture<Enqueued>> stages = sendTogether(broker, tasks);
        List<String> accepted = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Task task = tasks.get(i);
            if (task.options().unique() != null) {
                assertOwn(failure(stages.get(i)), BrokerUnavailableException.class, task);
            } else {
                assertThat(result(stages.get(i))).isEqualTo(new Enqueued(task.id(), true, QUEUE));
                accepted.add(task.id());
            }
        }
        assertThat(lane(QUEUE)).isEqualTo(accepted);
    }

    @Test
    void a_lane_of_a_wrong_type_fails_its_own_tasks_alone() {
        redis.command("SET", QUEUE + ":high", "x");
        // Idle workers block on the normal lane: onto that goes what is urgent while it is empty.
        broker.enqueue(plain(0));
        List<Task> tasks = tasks(50, i -> i % 10 == 3 ? plain(i).withPriority(Priority.HIGH) : plain(i));
        List<CompletableFuture<Enqueued>> stages = sendTogether(broker, tasks);
        for (int i = 0; i < 50; i++) {
            if (i % 10 == 3) {
                assertOwn(failure(stages.get(i)), BrokerUnavailableException.class, tasks.get(i));
            } else {
                assertThat(result(stages.get(i)).accepted()).isTrue();
            }
        }
        assertThat(lane(QUEUE)).hasSize(46);
    }

    @Test
    void what_stands_in_place_of_a_unique_task_is_told_where_others_fail_too() {
        redis.command("SET", QUEUE + ":unique:bad", "x");
        List<Task> tasks =
                tasks(4, i -> i == 2 ? plain(i).unique(Unique.by("bad")) : plain(i).unique(Unique.by("good")));
        List<CompletableFuture<Enqueued>> stages = sendTogether(broker, tasks);
        assertThat(result(stages.get(0)).accepted()).isTrue();
        assertThat(result(stages.get(1))).isEqualTo(new Enqueued("task-0", false, QUEUE));
        assertOwn(failure(stages.get(2)), BrokerUnavailableException.class, tasks.get(2));
        assertThat(result(stages.get(3))).isEqualTo(new Enqueued("task-0", false, QUEUE));
    }

    @Test
    void a_queue_of_a_wrong_type_fails_each_of_its_tasks_and_those_of_no_other_queue() {
        redis.command("SET", QUEUE, "x");
        List<Task> tasks = tasks(300, EnqueueAsyncFailureTest::plain);
        List<CompletableFuture<Enqueued>> stages = new ArrayList<>();
        List<CompletableFuture<Enqueued>> others = new ArrayList<>();
        RedisBroker other = broker.queue("other");
        for (Task task : tasks) {
            stages.add(broker.enqueueAsync(task).toCompletableFuture());
            others.add(other.enqueueAsync(task).toCompletableFuture());
        }
        assertAllFail(stages, BrokerUnavailableException.class, tasks);
        others.forEach(AsyncStages::result);
    }

    @Test
    void a_full_redis() {
        redis.command("CONFIG", "SET", "maxmemory", "1");
        List<Task> tasks = tasks(500, EnqueueAsyncFailureTest::plain);
        assertAllFail(sendTogether(broker, tasks), BrokerUnavailableException.class, tasks);
        List<Task> urgent = tasks(200, i -> plain(i).withPriority(Priority.HIGH));
        assertAllFail(sendTogether(broker, urgent), BrokerUnavailableException.class, urgent);
        redis.command("CONFIG", "SET", "maxmemory", "0");
        assertThat(result(broker.enqueueAsync(tasks.get(0))).id()).isEqualTo("task-0");
    }

    @Test
    void a_redis_that_becomes_full_half_way_has_what_was_accepted() {
        for (boolean byScript : List.of(false, true)) {
            redis.command("FLUSHALL");
            long used = Long.parseLong(RedisProcess.text(redis.command("INFO", "memory"))
                    .replaceFirst("(?s).*used_memory:(\\d+).*", "$1"));
            redis.command("CONFIG", "SET", "maxmemory", Long.toString(used + (6 << 20)));
            List<Task> tasks = tasks(400, i -> {
                Task task = Task.of("t", "x".repeat(10_000));
                return byScript && i == 399 ? task.withIdempotencyKey("k") : task;
            });
            List<CompletableFuture<Enqueued>> stages = sendTogether(broker, tasks);
            List<CompletableFuture<Enqueued>> more = sendTogether(broker, tasks(400, i -> tasks.get(i)));
            redis.command("CONFIG", "SET", "maxmemory", "0");
            List<String> accepted = new ArrayList<>();
            for (List<CompletableFuture<Enqueued>> call : List.of(stages, more)) {
                for (int i = 0; i < tasks.size(); i++) {
                    if (AsyncStages.isAccepted(call.get(i))) {
                        accepted.add(tasks.get(i).id());
                    } else {
                        assertOwn(failure(call.get(i)), BrokerUnavailableException.class, tasks.get(i));
                    }
                }
            }
            assertThat(accepted).hasSizeBetween(1, 799);
            assertThat(lane(QUEUE)).isEqualTo(accepted);
        }
    }

    @Test
    void a_replica_that_is_read_only() {
        redis.command("REPLICAOF", "127.0.0.1", "1");
        List<Task> tasks = tasks(300, EnqueueAsyncFailureTest::plain);
        assertAllFail(sendTogether(broker, tasks), BrokerUnavailableException.class, tasks);
        redis.command("REPLICAOF", "NO", "ONE");
        result(broker.enqueueAsync(tasks.get(0)));
    }

    @Test
    void an_outage_and_its_end() {
        result(broker.enqueueAsync(plain(0)));
        redis.kill();
        List<CompletableFuture<Enqueued>> stages = new ArrayList<>();
        // The connection that was there may break with the first ones on their way.
        await().until(() -> {
            stages.add(broker.enqueueAsync(plain(1)).toCompletableFuture());
            return failure(stages.get(stages.size() - 1)) instanceof BrokerUnavailableException;
        });
        List<Task> tasks = tasks(1_000, EnqueueAsyncFailureTest::plain);
        assertAllFail(
                tasks.stream()
                        .map(task -> broker.enqueueAsync(task).toCompletableFuture())
                        .toList(),
                BrokerUnavailableException.class,
                tasks);
        redis.restart();
        result(broker.enqueueAsync(plain(2)));
    }

    @Test
    void a_reply_that_is_lost() {
        try (FaultyProxy proxy = new FaultyProxy(
                        redis.settings().host(), redis.settings().port(), 1);
                RedisBroker faulty =
                        RedisBroker.at(RedisSettings.of(proxy.address())).build()) {
            proxy.loseReplyTo("LPUSH");
            List<Task> tasks = tasks(200, EnqueueAsyncFailureTest::plain);
            assertAllFail(sendTogether(faulty, tasks), OutcomeUnknownException.class, tasks);
            // As many as had reached Redis by then.
            List<String> arrived = lane(QUEUE);
            assertThat(arrived)
                    .isEqualTo(
                            tasks.stream().map(Task::id).limit(arrived.size()).toList());
            assertThat(result(faulty.enqueueAsync(plain(1))).accepted()).isTrue();
        }
    }

    @Test
    void replicas_that_do_not_acknowledge_in_time() {
        try (RedisBroker careful = RedisBroker.at(redis.settings())
                .waitForReplicas(1, Duration.ofMillis(100))
                .build()) {
            for (IntFunction<Task> made : List.<IntFunction<Task>>of(
                    EnqueueAsyncFailureTest::plain, i -> plain(i).withPriority(Priority.HIGH))) {
                List<Task> tasks = tasks(150, made);
                List<CompletableFuture<Enqueued>> stages = sendTogether(careful, tasks);
                assertAllFail(stages, OutcomeUnknownException.class, tasks);
                assertThat(failure(stages.get(7))).hasMessageContaining("0 of 1 replicas");
            }
        }
    }

    @Test
    void a_user_that_may_not_run_the_script_can_still_push() {
        redis.command("ACL", "SETUSER", "narrow", "on", ">secret", "~*", "&*", "+@all", "-evalsha", "-eval");
        RedisSettings settings =
                redis.settings().toBuilder().user("narrow").password("secret").build();
        try (RedisBroker narrow = RedisBroker.at(settings).build()) {
            List<Task> tasks = tasks(40, i -> i == 7 ? plain(i).withPriority(Priority.LOW) : plain(i));
            List<CompletableFuture<Enqueued>> stages = sendTogether(narrow, tasks);
            for (int i = 0; i < 40; i++) {
                if (i == 7) {
                    assertOwn(failure(stages.get(i)), BrokerRejectedException.class, tasks.get(i));
                } else {
                    assertThat(result(stages.get(i)).accepted()).isTrue();
                }
            }
            redis.command("ACL", "SETUSER", "narrow", "-lpush");
            assertAllFail(sendTogether(narrow, tasks), BrokerRejectedException.class, tasks);
        }
    }

    @Test
    void two_tasks_of_one_id_share_no_fate() {
        redis.command("SET", QUEUE + ":unique:bad", "x");
        Task task = plain(1).withId("same");
        List<CompletableFuture<Enqueued>> stages =
                sendTogether(broker, List.of(task.unique(Unique.by("bad")), task, plain(2)));
        assertOwn(failure(stages.get(0)), BrokerUnavailableException.class, task);
        assertThat(result(stages.get(1)).accepted()).isTrue();
        assertThat(result(stages.get(2)).accepted()).isTrue();
    }
}
