package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.EnqueueCounts;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.Unique;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The tasks of a stream are enqueued as they are read, a part at a time, however many there are. */
class StreamEnqueueTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private static Stream<Task> numbered() {
        return IntStream.iterate(0, i -> i + 1).mapToObj(i -> Task.of("t", i).withId("task-" + i));
    }

    /** What stops a call; its message, {@code accepted()}, and so on, are for the test to look at. */
    private static OutcomeUnknownException stop(Runnable call) {
        try {
            call.run();
        } catch (OutcomeUnknownException e) {
            return e;
        }
        throw new AssertionError("it did not stop");
    }

    @Test
    void all_are_enqueued_in_their_order_and_told() {
        List<String> told = new ArrayList<>();
        EnqueueCounts counts = broker.enqueueAll(numbered().limit(1_234), enqueued -> told.add(enqueued.id()));
        assertThat(counts).isEqualTo(new EnqueueCounts(1_234, 0, 0));
        assertThat(told)
                .containsExactlyElementsOf(numbered().limit(1_234).map(Task::id).toList());
        List<String> held = redis.client().lrange(redis.queue(), 0, -1).stream()
                .map(text -> broker.parse(text).id())
                .toList();
        assertThat(held).hasSize(1_234).startsWith("task-1233").endsWith("task-0");
        assertThat(broker.enqueueAll(Stream.empty())).isEqualTo(new EnqueueCounts(0, 0, 0));
    }

    @Test
    void those_whose_key_another_holds_are_counted_apart() {
        Stream<Task> tasks = numbered()
                .limit(900)
                .map(task -> task.unique(
                        Unique.by("k").orElse(task.id().endsWith("5") ? Unique.OrElse.REPLACE : Unique.OrElse.REJECT)));
        assertThat(broker.enqueueAll(tasks)).isEqualTo(new EnqueueCounts(1, 809, 90));
    }

    @Test
    void no_more_is_read_than_the_part_that_is_next() {
        AtomicInteger read = new AtomicInteger();
        AtomicInteger ahead = new AtomicInteger();
        Stream<Task> tasks = Stream.of(1)
                .flatMap(one -> numbered().limit(5_000))
                .peek(task -> {
                    long held = redis.client().llen(redis.queue());
                    ahead.accumulateAndGet((int) (read.incrementAndGet() - held), Math::max);
                });
        broker.enqueueAll(tasks);
        assertThat(ahead.get()).isBetween(1, 500);
        AtomicInteger bytes = new AtomicInteger();
        broker.enqueueAll(IntStream.range(0, 40).mapToObj(i -> {
            long held = redis.client().llen(redis.queue());
            bytes.accumulateAndGet((int) (5_000 + i + 1 - held), Math::max);
            return Task.of("t", "x".repeat(1_000_000));
        }));
        assertThat(bytes.get()).isBetween(1, 5);
    }

    @Test
    void a_stream_that_breaks_tells_how_many_were_enqueued() {
        Stream<Task> tasks = numbered().peek(task -> {
            if (task.id().equals("task-1700")) {
                throw new UncheckedIOException(new IOException("no more of the file"));
            }
        });
        OutcomeUnknownException e = stop(() -> broker.enqueueAll(tasks));
        assertThat(e).hasMessageContaining("first 1500 tasks").hasMessageContaining("no more of the file");
        assertThat(e).hasCauseInstanceOf(UncheckedIOException.class);
        assertThat(e.accepted()).isEqualTo(1_500);
        assertThat(e.taskIds()).isEmpty();
        assertThat(broker.stats().normal()).isEqualTo(1_500);
        broker.enqueueAll(numbered().limit(1_800).skip(e.accepted()));
        assertThat(broker.stats().normal()).isEqualTo(1_800);
    }

    @Test
    void a_task_that_is_not_allowed_stops_it_before_its_part() {
        Stream<Task> tasks =
                numbered().map(task -> task.id().equals("task-600") ? Task.of("t", "x".repeat(2 << 20)) : task);
        OutcomeUnknownException e = stop(() -> broker.enqueueAll(tasks));
        assertThat(e.accepted()).isEqualTo(500);
        assertThat(e).hasCauseInstanceOf(InvalidTaskException.class);
        assertThatThrownBy(() -> broker.enqueueAll(Stream.of(Task.of("t", "x".repeat(2 << 20)))))
                .isInstanceOf(InvalidTaskException.class);
        assertThatThrownBy(() -> broker.enqueueAll(Stream.of(Task.of("t", 1), null)))
                .isInstanceOf(InvalidTaskException.class);
        assertThat(broker.stats().normal()).isEqualTo(500);
    }

    @Test
    void a_listener_that_throws_stops_it_behind_the_part_that_it_is_told_of() {
        OutcomeUnknownException e = stop(() -> broker.enqueueAll(numbered(), enqueued -> {
            throw new IllegalArgumentException("enough");
        }));
        assertThat(e.accepted()).isEqualTo(500);
        assertThat(e).hasRootCauseMessage("enough");
    }

    @Test
    void an_outage_half_way_tells_how_many_were_enqueued() {
        try (RedisProcess own = RedisProcess.start("--appendonly", "no")) {
            RedisSettings settings = own.settings().toBuilder()
                    .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1))
                    .build();
            try (RedisBroker away = RedisBroker.at(settings).build()) {
                OutcomeUnknownException e =
                        stop(() -> away.enqueueAll(numbered().peek(task -> {
                            if (task.id().equals("task-2100")) {
                                own.kill();
                            }
                        })));
                assertThat(e.accepted()).isEqualTo(2_000);
                assertThatThrownBy(() -> away.enqueueAll(numbered())).isInstanceOf(BrokerUnavailableException.class);
            }
        }
    }

    /** A JVM with a small heap that enqueues more than fits into it. */
    static final class Main {

        private Main() {}

        public static void main(String[] args) {
            try (RedisBroker broker =
                    RedisBroker.at(RedisSettings.of(args[0])).queue(args[1]).build()) {
                // One of a key is accepted, so that Redis has room.
                Stream<Task> tasks = Stream.of(1)
                        .flatMap(one -> IntStream.range(0, 100_000)
                                .mapToObj(i -> Task.of("t", "x".repeat(2_000)).unique(Unique.by("k"))));
                System.out.println(broker.enqueueAll(tasks));
            }
        }
    }

    @Test
    void two_hundred_megabytes_of_tasks_go_through_a_heap_of_48() throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx48m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        redis.settings().address(),
                        redis.queue())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(output).contains(new EnqueueCounts(1, 99_999, 0).toString());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
