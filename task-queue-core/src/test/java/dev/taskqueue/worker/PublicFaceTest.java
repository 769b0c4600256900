package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.testing.LogCapture;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.event.Level;

/** What a user of the library writes. */
@SuppressWarnings("try")
class PublicFaceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    record Email(String to, int copies) {}

    record Meeting(Instant at, Optional<String> room, Duration length) {}

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private TaskStatus end(Enqueued enqueued) throws InterruptedException {
        return broker.await(enqueued.id(), PATIENCE).orElseThrow();
    }

    @Test
    void handlers_are_given_their_payload_as_an_object() throws Exception {
        BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
        try (Worker worker = QuickWorkers.of(broker)
                .handler("email", Email.class, (email, task) -> email.to() + " " + task.attempt())
                .handler(
                        "emails",
                        new TypeReference<List<Email>>() {},
                        (emails, task) -> emails.get(1).copies())
                .consumer("quiet", task -> seen.add(task.payload().asText()))
                .consumer("quiet email", Email.class, (email, task) -> seen.add(email))
                .consumer("map", new TypeReference<Map<String, Integer>>() {}, (map, task) -> seen.add(map))
                .start()) {
            assertThat(end(broker.enqueue("email", new Email("ada", 2))).result())
                    .contains("\"ada 1\"");
            assertThat(end(broker.enqueue("emails", List.of(new Email("a", 1), new Email("b", 7))))
                            .result())
                    .contains("7");
            assertThat(end(broker.enqueue("quiet", "hush")).result()).isEmpty();
            end(broker.enqueue("quiet email", new Email("bob", 1)));
            end(broker.enqueue("map", Map.of("a", 1)));
            assertThat(seen).containsExactly("hush", new Email("bob", 1), Map.of("a", 1));
        }
    }

    @Test
    void times_and_optionals_work_where_their_modules_are_there() throws Exception {
        Meeting meeting =
                new Meeting(Instant.parse("2026-03-01T10:00:00.123456Z"), Optional.of("R2"), Duration.ofMinutes(5));
        try (Worker worker = QuickWorkers.of(broker)
                .handler("meet", Meeting.class, (payload, task) -> payload)
                .start()) {
            Task task = broker.newTask("meet", meeting);
            assertThat(task.payload())
                    .hasToString("{\"at\":\"2026-03-01T10:00:00.123456Z\",\"room\":\"R2\",\"length\":\"PT5M\"}");
            assertThat(task.payloadAs(Meeting.class)).isEqualTo(meeting);
            assertThat(end(broker.enqueue(task)).result().map(RawJson::parse)).contains(task.payload());
        }
    }

    @Test
    void a_mapper_of_ones_own_writes_payloads_binds_them_and_writes_results() throws Exception {
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        record Parcel(String trackingNumber) {}
        try (RedisBroker own = redis.brokerBuilder().json(mapper).build();
                Worker worker = QuickWorkers.of(own)
                        .handler("send", Parcel.class, (parcel, task) -> new Parcel(parcel.trackingNumber() + "!"))
                        .start()) {
            Enqueued sent = own.enqueue("send", new Parcel("x1"));
            TaskStatus status = own.await(sent.id(), PATIENCE).orElseThrow();
            assertThat(status.result()).contains("{\"tracking_number\":\"x1!\"}");
        }
    }

    @Test
    void a_payload_that_does_not_fit_says_which_field_and_why_and_shows_nothing_of_it() throws Exception {
        try (LogCapture log = new LogCapture(Worker.class);
                Worker worker = QuickWorkers.of(broker)
                        .consumer("email", Email.class, (email, task) -> {})
                        .start()) {
            TaskStatus status = end(broker.enqueue("email", Map.of("to", "ada", "copies", "secret")));
            assertThat(status.state()).isEqualTo(TaskState.DEAD);
            assertThat(status.lastError().orElseThrow())
                    .contains("payload.copies", "Email", "a string that is no valid int")
                    .doesNotContain("secret");
            status = end(broker.enqueue("email", List.of("secret")));
            assertThat(status.lastError().orElseThrow())
                    .contains("an array where an Email is expected")
                    .doesNotContain("secret");
            assertThat(status.stack().orElseThrow())
                    .contains("PermanentFailureException")
                    .doesNotContain("secret");
            assertThat(redis.client().lrange(redis.key("dead"), 0, -1))
                    .allSatisfy(letter -> assertThat(
                                    RawJson.parse(letter).tree().get("stack").textValue())
                            .doesNotContain("secret"));
            await().until(() -> log.lines(Level.WARN).stream()
                            .filter(line -> line.contains("task died"))
                            .count()
                    == 2);
            assertThat(String.join("\n", log.lines(Level.WARN)))
                    .contains("payload.copies", "no valid int")
                    .doesNotContain("secret");
        }
    }

    @Test
    void a_handler_knows_its_task() throws Exception {
        BlockingQueue<TaskContext> seen = new LinkedBlockingQueue<>();
        Task task = Task.of("look", 1)
                .withIdempotencyKey("k")
                .withPriority(Priority.HIGH)
                .withExtraFields(Map.of("tenant", RawJson.of("acme")));
        try (Worker worker = QuickWorkers.of(broker)
                .retryPolicy((failed, failure) -> Duration.ZERO)
                .consumer("look", context -> {
                    if (context.attempt() == 1) {
                        throw new IllegalStateException("first");
                    }
                    seen.add(context);
                })
                .start()) {
            end(broker.enqueue(task));
        }
        TaskContext context = seen.remove();
        assertThat(context.idempotencyKey()).contains("k");
        assertThat(context.priority()).isEqualTo(Priority.HIGH);
        assertThat(context.createdAt()).isEqualTo(task.createdAt());
        assertThat(context.lastError()).contains("IllegalStateException: first");
        assertThat(context.extraFields()).containsEntry("tenant", RawJson.of("acme"));
        assertThat(context.queue()).isEqualTo(redis.queue());
    }

    @Test
    void a_listener_is_told_what_happens_and_harms_nothing_if_it_fails() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        WorkerListener evil = new WorkerListener() {
            @Override
            public void taskStarted(TaskContext task) {
                throw new AssertionError("evil");
            }

            @Override
            public void taskSucceeded(TaskContext task, Duration runTime) {
                throw new IllegalStateException("evil");
            }
        };
        WorkerListener good = new WorkerListener() {
            @Override
            public void workerStarted(Worker worker) {
                events.add("worker started");
            }

            @Override
            public void workerClosed(Worker worker) {
                events.add("worker closed");
            }

            @Override
            public void taskStarted(TaskContext task) {
                events.add(task.type() + " started");
            }

            @Override
            public void taskSucceeded(TaskContext task, Duration runTime) {
                events.add(task.type() + " succeeded");
            }

            @Override
            public void taskRetried(TaskContext task, Throwable failure, Duration runTime, Duration delay) {
                events.add(task.type() + " retried " + failure.getMessage() + " " + delay.toMillis());
            }

            @Override
            public void taskDied(TaskContext task, Throwable failure, String reason, Duration runTime) {
                events.add(task.type() + " died " + failure.getMessage() + ": " + reason);
            }

            @Override
            public void taskSkipped(TaskContext task) {
                events.add(task.type() + " skipped");
            }
        };
        try (Worker worker = QuickWorkers.of(broker)
                .retryPolicy((failed, failure) -> Duration.ofMillis(1))
                .listener(evil)
                .listener(good)
                .consumer("fine", task -> {})
                .consumer("bad", task -> {
                    throw new IllegalStateException("no " + task.attempt());
                })
                .start()) {
            end(broker.enqueue(Task.of("fine", 1).withIdempotencyKey("k")));
            end(broker.enqueue(Task.of("fine", 2).withIdempotencyKey("k")));
            end(broker.enqueue(Task.of("bad", 3).withMaxRetries(1)));
            await().until(() -> events.size() >= 8);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(events)
                .containsExactly(
                        "worker started",
                        "fine started",
                        "fine succeeded",
                        "fine skipped",
                        "bad started",
                        "bad retried no 1 1",
                        "bad started",
                        "bad died no 2: retries exhausted",
                        "worker closed");
    }

    @Test
    void a_listener_is_told_of_recovered_tasks() {
        List<String> events = new CopyOnWriteArrayList<>();
        String id = broker.enqueue("gone", 1).id();
        BrokerEngine.of(broker).session("lost", Duration.ofSeconds(1)).beat();
        BrokerEngine.of(broker).session("lost", Duration.ofSeconds(1)).claim(1);
        try (Worker worker = QuickWorkers.of(broker)
                .lease(Duration.ofSeconds(1))
                .consumer("gone", task -> {})
                .listener(new WorkerListener() {
                    @Override
                    public void tasksRecovered(String queue, String from, List<String> ids, List<String> dead) {
                        events.add(queue + " " + from + " " + ids + " " + dead);
                    }
                })
                .start()) {
            await().atMost(PATIENCE).until(() -> !events.isEmpty());
        }
        assertThat(events).containsExactly(redis.queue() + " lost [" + id + "] []");
    }

    @Test
    void threads_are_those_of_the_factory() throws Exception {
        AtomicInteger made = new AtomicInteger();
        try (Worker worker = QuickWorkers.of(broker)
                .concurrency(3)
                .threads(task -> new Thread(task, "mine-" + made.incrementAndGet()))
                .handler("who", task -> Thread.currentThread().getName())
                .start()) {
            assertThat(end(broker.enqueue("who", null)).result().orElseThrow()).contains("mine-");
        }
        assertThat(made).hasValue(3);
    }

    @Test
    void awaiting_ends_with_the_task_or_with_patience() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        try (Worker worker = QuickWorkers.of(broker)
                .handler("slow", task -> finish.await(1, TimeUnit.MINUTES))
                .start()) {
            String id = broker.enqueue("slow", null).id();
            assertThat(broker.await(id, Duration.ofMillis(50))).isEmpty();
            assertThat(broker.await("nobody", Duration.ZERO)).isEmpty();
            finish.countDown();
            assertThat(broker.await(id, PATIENCE).orElseThrow().result()).contains("true");
        }
        try (RedisBroker untracked =
                redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build()) {
            assertThatThrownBy(() -> untracked.await("x", PATIENCE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("statuses are not kept");
        }
    }

    @Test
    void a_worker_whose_broker_was_closed_is_not_ready_and_closes_cleanly() {
        try (LogCapture log = new LogCapture(Worker.class)) {
            Worker worker = QuickWorkers.of(broker).consumer("t", task -> {}).start();
            await().until(worker::isReady);
            broker.close();
            assertThat(worker.isReady()).isFalse();
            assertThat(worker.health().notReady()).contains("the broker is closed");
            worker.close();
            assertThat(log.lines(Level.ERROR)).isEmpty();
        }
    }

    @Test
    void a_null_is_told_by_the_name_of_its_field() {
        Task task = Task.of("t", null);
        List<Runnable> calls = List.of(
                () -> task.withIdempotencyKey(null),
                () -> task.withPriority(null),
                () -> task.withTimeout(null),
                () -> task.withId(null),
                () -> task.withOptions(null),
                () -> task.withHistory(null),
                () -> task.withExtraFields(null),
                () -> task.withExtraFields(Collections.singletonMap(null, RawJson.NULL)),
                () -> task.withExtraFields(Collections.singletonMap("tenant", null)),
                () -> Task.of(null, 1),
                () -> broker.status(null),
                () -> broker.enqueue((Task) null),
                () -> broker.enqueueAsync(null),
                () -> broker.enqueueAll((List<Task>) null),
                () -> broker.enqueueAll((Stream<Task>) null),
                () -> broker.enqueueAll(Stream.of((Task) null)),
                () -> QuickWorkers.of(broker).handler(null, one -> null));
        List<String> messages = new ArrayList<>();
        for (Runnable call : calls) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(InvalidTaskException.class)
                    .satisfies(e -> messages.add(e.getMessage()));
        }
        assertThat(messages).allSatisfy(message -> assertThat(message).containsPattern("is (null|missing)"));
    }
}
