package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.FaultyProxy;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.Signal;
import dev.taskqueue.testing.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tasks go to queues by their types, and are found there. */
class RoutedBrokerTest {

    private static final Duration SHORT = Duration.ofMillis(500);

    private RedisProcess server;
    private RedisBroker broker;

    @BeforeEach
    void open() {
        server = RedisProcess.start("--appendonly", "no");
        broker = routed(server.settings()).build();
    }

    @AfterEach
    void close() {
        broker.close();
        server.close();
    }

    private static RedisBroker.Builder routed(RedisSettings settings) {
        return RedisBroker.at(settings)
                .queue("own")
                .route("email:urgent", "own")
                .route("email:*", "emails")
                .route("report:*", "reports");
    }

    private long calls(String command) {
        return RedisProcess.text(server.command("INFO", "commandstats"))
                .lines()
                .filter(line -> line.startsWith("cmdstat_" + command + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
                .sum();
    }

    private List<String> payloads(String queue) {
        List<?> entries = (List<?>) server.command("LRANGE", queue, "0", "-1");
        List<String> payloads = new ArrayList<>(entries.stream()
                .map(entry -> RedisProcess.text(entry).replaceAll(".*\"payload\":(\\d+),.*", "$1"))
                .toList());
        Collections.reverse(payloads);
        return payloads;
    }

    private static List<Task> mixed(int count) {
        List<String> types = List.of("email:send", "other", "report:day", "email:urgent");
        return IntStream.range(0, count)
                .mapToObj(i -> Task.of(types.get(i % types.size()), i))
                .toList();
    }

    private static List<String> ids(List<Task> tasks, String... types) {
        return tasks.stream()
                .filter(task -> Set.of(types).contains(task.type()))
                .map(Task::id)
                .toList();
    }

    @Test
    void the_first_route_that_fits_takes_a_task_and_the_rest_stay() {
        assertThat(broker.queues()).containsExactly("own", "emails", "reports");
        assertThat(broker.enqueue("email:urgent", 1).queue()).isEqualTo("own");
        assertThat(broker.enqueue("email:send", 1).queue()).isEqualTo("emails");
        assertThat(broker.enqueue("report:day", 1).queue()).isEqualTo("reports");
        assertThat(broker.enqueue("other", 1).queue()).isEqualTo("own");
        assertThat(broker.stats().normal()).isEqualTo(2);
        assertThat(broker.queue("emails").stats().normal()).isEqualTo(1);
    }

    @Test
    void a_view_ignores_routes() {
        assertThat(broker.queue("reports").enqueue("email:send", 1).queue()).isEqualTo("reports");
        assertThat(broker.queue("own").enqueue("email:send", 1).queue()).isEqualTo("own");
        assertThat(broker.queue("own").queues()).containsExactly("own");
    }

    @Test
    void a_batch_keeps_the_order_of_each_queue_and_answers_in_that_of_the_call() {
        List<Task> tasks = mixed(2_500);
        List<Enqueued> sent = broker.enqueueAll(tasks);
        assertThat(sent).extracting(Enqueued::id).containsExactlyElementsOf(ids(tasks, types(tasks)));
        assertThat(sent.subList(0, 4)).extracting(Enqueued::queue).containsExactly("emails", "own", "reports", "own");
        assertThat(payloads("emails"))
                .containsExactlyElementsOf(
                        IntStream.range(0, 625).mapToObj(i -> "" + 4 * i).toList());
        assertThat(payloads("reports"))
                .containsExactlyElementsOf(
                        IntStream.range(0, 625).mapToObj(i -> "" + (4 * i + 2)).toList());
        assertThat(payloads("own"))
                .containsExactlyElementsOf(IntStream.range(0, 1_250)
                        .mapToObj(i -> "" + (2 * i + 1))
                        .toList());
        assertThat(broker.enqueueAll(List.of())).isEmpty();
    }

    private static String[] types(List<Task> tasks) {
        return tasks.stream().map(Task::type).distinct().toArray(String[]::new);
    }

    @Test
    void routes_cost_no_command_of_their_own() {
        List<Task> tasks = IntStream.range(0, 2_000)
                .mapToObj(i -> Task.of("email:send", i))
                .toList();
        server.command("CONFIG", "RESETSTAT");
        broker.enqueueAll(tasks);
        assertThat(calls("exec")).isEqualTo(20);
        assertThat(calls("lpush")).isEqualTo(20);
        assertThat(calls("mset")).isEqualTo(20);
        assertThat(calls("evalsha") + calls("eval") + calls("exists") + calls("get"))
                .isZero();
    }

    @Test
    void nothing_is_sent_to_any_queue_if_one_task_is_too_large() {
        try (RedisBroker small = routed(server.settings()).maxTaskBytes(2_000).build()) {
            assertThatThrownBy(() -> small.enqueueAll(List.of(
                            Task.of("other", 1), Task.of("email:send", 1), Task.of("report:day", "x".repeat(2_000)))))
                    .isInstanceOf(InvalidTaskException.class);
        }
        assertThat((List<?>) server.command("KEYS", "*")).isEmpty();
    }

    @Test
    void a_queue_that_refuses_keeps_the_tasks_of_the_others_not_back_and_each_is_told() {
        server.command("SET", "emails", "not a list");
        List<Task> tasks = mixed(2_500);
        OutcomeUnknownException e = catchThrowableOfType(OutcomeUnknownException.class, () -> broker.enqueueAll(tasks));
        assertThat(e)
                .hasMessageContaining("1875 of 2500 tasks were accepted")
                .hasMessageContaining("queue emails: enqueue failed")
                .hasMessageContaining("WRONGTYPE");
        assertThat(e.accepted()).isZero();
        assertThat(e.taskIds()).isEmpty();
        assertThat(e.acceptedIds()).isEqualTo(ids(tasks, "other", "report:day", "email:urgent"));
        assertThat(payloads("own")).hasSize(1_250);
        assertThat(payloads("reports")).hasSize(625);
    }

    @Test
    void the_first_tasks_that_are_accepted_are_counted_across_queues() {
        server.command("SET", "reports", "not a list");
        List<Task> tasks = mixed(8);
        OutcomeUnknownException e = catchThrowableOfType(OutcomeUnknownException.class, () -> broker.enqueueAll(tasks));
        assertThat(e.accepted()).isEqualTo(2);
        assertThat(e.acceptedIds()).isEqualTo(ids(tasks, "email:send", "other", "email:urgent"));
    }

    @Test
    void a_queue_that_takes_only_some_is_told_task_by_task() {
        server.command("SET", "emails:high", "not a list");
        List<Task> tasks = new ArrayList<>(mixed(4));
        tasks.add(Task.of("email:send", 4).withPriority(Priority.HIGH));
        tasks.add(Task.of("email:send", 5));
        tasks.add(Task.of("other", 6));
        OutcomeUnknownException e = catchThrowableOfType(OutcomeUnknownException.class, () -> broker.enqueueAll(tasks));
        assertThat(e.accepted()).isEqualTo(4);
        assertThat(e.acceptedIds())
                .containsExactly(
                        tasks.get(0).id(),
                        tasks.get(1).id(),
                        tasks.get(2).id(),
                        tasks.get(3).id(),
                        tasks.get(6).id());
        assertThat(e.taskIds()).isEmpty();
    }

    @Test
    void certainly_none_accepted_is_a_broker_that_is_unavailable() {
        for (String queue : List.of("own", "emails", "reports")) {
            server.command("SET", queue, "not a list");
        }
        assertThatThrownBy(() -> broker.enqueueAll(mixed(8)))
                .isInstanceOf(BrokerUnavailableException.class)
                .isNotInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("WRONGTYPE")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
        server.kill();
        try (RedisBroker late = routed(server.settings()).build()) {
            assertThatThrownBy(() -> late.enqueueAll(mixed(8)))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
        }
    }

    @Test
    void a_lost_reply_leaves_the_tasks_of_one_queue_in_doubt_and_no_others() {
        try (FaultyProxy proxy = new FaultyProxy("127.0.0.1", server.settings().port(), 1);
                RedisBroker faulty = routed(RedisSettings.of(proxy.address()))
                        .taskStatusTtl(Duration.ZERO)
                        .build()) {
            proxy.loseReplyTo("reports");
            List<Task> tasks = mixed(8);
            // Emails, own and reports, in this order: what comes first is certain.
            OutcomeUnknownException e =
                    catchThrowableOfType(OutcomeUnknownException.class, () -> faulty.enqueueAll(tasks));
            assertThat(e.taskIds()).isEqualTo(ids(tasks, "report:day"));
            assertThat(e.acceptedIds()).isEqualTo(ids(tasks, "email:send", "other", "email:urgent"));
            assertThat(e.accepted()).isEqualTo(2);
            assertThat(e).hasMessageContaining("these may have been: " + e.taskIds());
        }
    }

    @Test
    void a_server_that_hangs_is_waited_for_once_and_not_for_each_queue() {
        RedisSettings settings =
                server.settings().toBuilder().timeouts(SHORT, SHORT).build();
        try (RedisBroker impatient = routed(settings).build()) {
            impatient.ping();
            Signal.send(server.pid(), "STOP");
            List<Task> tasks = mixed(8);
            OutcomeUnknownException e =
                    catchThrowableOfType(OutcomeUnknownException.class, () -> impatient.enqueueAll(tasks));
            Signal.send(server.pid(), "CONT");
            // Of the first queue they are in doubt; the others were not tried.
            assertThat(e.taskIds()).isEqualTo(ids(tasks, "email:send"));
            assertThat(e.acceptedIds()).isEmpty();
        }
    }

    @Test
    void a_status_is_found_in_whichever_queue_in_one_round_trip() {
        List<Enqueued> sent = broker.enqueueAll(mixed(4));
        broker.status("warm up");
        server.command("CONFIG", "RESETSTAT");
        for (Enqueued task : sent) {
            assertThat(broker.status(task.id()).orElseThrow().queue()).isEqualTo(task.queue());
        }
        assertThat(broker.status("nobody")).isEmpty();
        assertThat(calls("mget")).isEqualTo(5);
        server.command("SET", "reports:recoveries:" + sent.get(2).id(), "2");
        assertThat(broker.status(sent.get(2).id()).orElseThrow().recoveries()).isEqualTo(2);
    }

    @Test
    void of_one_id_in_two_queues_the_first_counts() {
        broker.queue("reports").enqueue(Task.of("late", 1).withId("x"));
        broker.queue("emails").enqueue(Task.of("early", 1).withId("x"));
        assertThat(broker.status("x").orElseThrow().type()).isEqualTo("early");
    }

    @Test
    void an_end_is_awaited_in_the_queue_of_the_task() throws Exception {
        String id = broker.enqueue("report:day", 1).id();
        BrokerSession session = BrokerEngine.of(broker).queue("reports").session("w1", Duration.ofSeconds(30));
        CompletableFuture<TaskState> state = CompletableFuture.supplyAsync(() -> {
            try {
                return broker.await(id, Duration.ofSeconds(30)).orElseThrow().state();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        Claim claim = session.claim(1).claims().get(0);
        session.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
        assertThat(state.get(30, TimeUnit.SECONDS)).isEqualTo(TaskState.SUCCEEDED);
        assertThat(broker.await("nobody", Duration.ofMillis(20))).isEmpty();
    }

    @Test
    void a_task_without_a_status_is_found_with_the_queue_that_it_is_in() {
        server.command("LPUSH", "own", "{\"type\":\"t\",\"id\":\"a\"}");
        server.command("ZADD", "reports:scheduled", "5", "{\"type\":\"t\",\"id\":\"x\"}");
        TaskSearch found = broker.find("x", 100);
        assertThat(found.queue()).contains("reports");
        assertThat(found.place()).contains(TaskSearch.Place.SCHEDULED);
        assertThat(found.searched()).isEqualTo(2);
        TaskSearch none = broker.find("nobody", 100);
        assertThat(none.place()).isEmpty();
        assertThat(none.queue()).isEmpty();
        assertThat(none.complete()).isTrue();
        assertThat(none.searched()).isEqualTo(2);
        server.command("LPUSH", "emails", "{\"type\":\"t\",\"id\":\"b\"}", "{\"type\":\"t\",\"id\":\"c\"}");
        assertThat(broker.find("nobody", 1).complete()).isFalse();
    }

    @Test
    void in_a_cluster_each_queue_lies_in_a_slot_of_its_own_and_one_node_away_stops_only_its_queues() {
        try (TestCluster cluster = TestCluster.start()) {
            RedisSettings settings = RedisSettings.at(cluster.addresses())
                    .cluster()
                    .timeouts(SHORT, SHORT)
                    .build();
            String[] names = namesOnEachNode(cluster);
            try (RedisBroker spread = RedisBroker.at(settings)
                    .queue(names[0])
                    .route("email:urgent", names[0])
                    .route("email:*", names[1])
                    .route("report:*", names[2])
                    .build()) {
                List<Task> tasks = mixed(400);
                List<Enqueued> sent = spread.enqueueAll(tasks);
                Set<Long> slots = new HashSet<>();
                for (String name : names) {
                    slots.add(cluster.slot("{" + name + "}"));
                    assertThat(cluster.countInSlot("{" + name + "}")).isPositive();
                }
                assertThat(slots).hasSize(3);
                assertThat(spread.queue(names[0]).stats().normal()).isEqualTo(200);
                assertThat(spread.queue(names[1]).stats().normal()).isEqualTo(100);
                assertThat(spread.status(sent.get(2).id())).isPresent();
                assertThat(spread.find(sent.get(2).id(), 1_000).queue()).contains(names[2]);

                cluster.whileHanging("{" + names[1] + "}", () -> {
                    List<Task> more = mixed(8);
                    OutcomeUnknownException e =
                            catchThrowableOfType(OutcomeUnknownException.class, () -> spread.enqueueAll(more));
                    assertThat(e.acceptedIds()).isEqualTo(ids(more, "other", "report:day", "email:urgent"));
                    assertThat(e.taskIds()).isSubsetOf(ids(more, "email:send"));
                    assertThat(spread.status(more.get(2).id())).isPresent();
                    assertThat(spread.find(more.get(2).id(), 1_000).queue()).contains(names[2]);
                    // Nobody can say that it is nowhere.
                    assertThatThrownBy(() -> spread.status("nobody")).isInstanceOf(BrokerUnavailableException.class);
                });
            }
        }
    }

    private static String[] namesOnEachNode(TestCluster cluster) {
        String[] names = new String[3];
        for (int i = 0; names[0] == null || names[1] == null || names[2] == null; i++) {
            names[(int) (cluster.slot("{q" + i + "}") % 3)] = "q" + i;
        }
        return names;
    }
}
