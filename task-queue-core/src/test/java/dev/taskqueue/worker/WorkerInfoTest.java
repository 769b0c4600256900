package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BeatReport;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each worker says with its heartbeat what it is and runs, and nothing of it outlives the worker. */
class WorkerInfoTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LEASE = Duration.ofSeconds(1);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final CountDownLatch finish = new CountDownLatch(1);
    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    @AfterEach
    void close() {
        finish.countDown();
        broker.close();
    }

    private Worker.Builder builder() {
        return QuickWorkers.of(broker).lease(LEASE).concurrency(3);
    }

    private WorkerInfo.Details details(Worker worker) {
        return broker.workers().stream()
                .filter(info -> info.name().equals(worker.name()))
                .findFirst()
                .flatMap(WorkerInfo::details)
                .orElseThrow();
    }

    private static WorkerInfo.Details anything() {
        return new WorkerInfo.Details(
                "host",
                7,
                Optional.of("1"),
                Instant.EPOCH,
                1,
                List.of("q"),
                List.of("t"),
                true,
                0,
                List.of(),
                Optional.empty());
    }

    private BrokerSession lost() {
        BrokerSession lost = BrokerEngine.of(broker).session("lost", LEASE);
        lost.beat(new BeatReport(anything(), List.of(), List.of()));
        return lost;
    }

    @Test
    void tells_what_it_is_and_what_it_runs_since_when() {
        Instant before = Instant.now();
        try (Worker worker = builder()
                .handler("b", task -> finish.await(1, TimeUnit.MINUTES))
                .handler("a", task -> null)
                .start()) {
            broker.enqueue(Task.of("b", 1).withId("one"));
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> details(worker).busy() == 1);
            WorkerInfo info = broker.workers().get(0);
            assertThat(broker.workers()).hasSize(1);
            assertThat(info.name()).isEqualTo(worker.name());
            assertThat(info.queue()).isEqualTo(redis.queue());
            assertThat(info.held()).isEqualTo(1);
            assertThat(info.silent()).isFalse();
            assertThat(info.recoveredIn()).isEmpty();
            assertThat(info.quiet()).isEmpty();
            assertThat(info.problem()).isEmpty();
            assertThat(info.lastBeat()).isBetween(before.minusSeconds(1), info.asOf());
            WorkerInfo.Details details = info.details().orElseThrow();
            assertThat(worker.name()).startsWith(details.host() + "-" + details.pid() + "-");
            assertThat(details.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(details.startedAt()).isBetween(before.minusSeconds(1), info.asOf());
            assertThat(details.threads()).isEqualTo(3);
            assertThat(details.queues()).containsExactly(redis.queue());
            assertThat(details.types()).containsExactly("a", "b");
            assertThat(details.allTypes()).isTrue();
            assertThat(info.mayHandle("a")).isTrue();
            assertThat(info.mayHandle("c")).isFalse();
            WorkerInfo.Running running = details.running().get(0);
            assertThat(running.id()).isEqualTo("one");
            assertThat(running.type()).isEqualTo("b");
            assertThat(running.since()).isBetween(details.startedAt(), info.asOf());
            assertThat(running.thread()).startsWith("task-queue-runner-").doesNotContain(worker.name());
            assertThat(running.abandoned()).isFalse();
            finish.countDown();
            await().atMost(PATIENCE).until(() -> details(worker).busy() == 0);
            assertThat(details(worker).running()).isEmpty();
        }
        assertThat(broker.workers()).isEmpty();
        assertThat(redis.client().keys(redis.key("workers*"))).isEmpty();
    }

    @Test
    void marks_what_it_has_given_up_on() {
        try (Worker worker = builder()
                .timings(QuickWorkers.TIMINGS.withInterruptedPatience(Duration.ofMillis(50)))
                .handler("deaf", task -> {
                    while (finish.getCount() > 0) {
                        Failures.pause(5_000_000L);
                    }
                    return null;
                })
                .start()) {
            broker.enqueue(Task.of("deaf", 1).withTimeout(Duration.ofMillis(50)).withMaxRetries(0));
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> details(worker).running().stream().anyMatch(WorkerInfo.Running::abandoned));
            finish.countDown();
            await().atMost(PATIENCE).until(() -> details(worker).busy() == 0);
        }
    }

    @Test
    void one_of_several_queues_tells_of_its_own_tasks() {
        RedisBroker other = broker.queue(redis.queue() + "-b");
        try (Worker worker = builder()
                .queue(redis.queue())
                .queue(other.queue())
                .handler("t", task -> finish.await(1, TimeUnit.MINUTES))
                .start()) {
            other.enqueue("t", 1);
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> other.workers().get(0).details().orElseThrow().busy() == 1);
            assertThat(details(worker).busy()).isZero();
            assertThat(details(worker).queues()).containsExactly(redis.queue(), other.queue());
        }
    }

    @Test
    void lists_a_bounded_number_of_types_and_says_so() {
        Worker.Builder builder = builder();
        IntStream.range(0, 2_000).forEach(i -> builder.handler("type-" + i, task -> null));
        try (Worker worker = builder.start()) {
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> details(worker).types().size() == 1_000);
            assertThat(details(worker).allTypes()).isFalse();
            assertThat(broker.workers().get(0).mayHandle("type-1999")).isTrue();
        }
    }

    @Test
    void a_silent_one_says_when_its_tasks_come_back_and_then_nothing_any_more() {
        broker.enqueue("t", 1);
        assertThat(lost().claim(1).claims()).hasSize(1);
        assertThat(broker.workers().get(0).silent()).as("nobody has looked yet").isFalse();
        BrokerSession reaper = BrokerEngine.of(broker).session("reaper", LEASE);
        await().atMost(PATIENCE).untilAsserted(() -> {
            reaper.beat();
            reaper.recover();
            WorkerInfo lost = broker.workers().get(0);
            assertThat(lost.silent()).isTrue();
            assertThat(lost.held()).isEqualTo(1);
            assertThat(lost.recoveredIn().orElseThrow()).isBetween(Duration.ZERO, LEASE);
            assertThat(lost.details()).contains(anything());
        });
        redis.letBeSilent("lost", LEASE);
        assertThat(reaper.recover().taskIds()).hasSize(1);
        WorkerInfo lost = broker.workers().get(0);
        assertThat(lost.name()).isEqualTo("lost");
        assertThat(lost.held()).isZero();
        assertThat(lost.recoveredIn()).isEmpty();
        assertThat(lost.details()).isEmpty();
        assertThat(lost.problem().orElseThrow()).contains("taken back");
        assertThat(redis.client().exists(redis.key("workers:info:lost"))).isFalse();
    }

    @Test
    void nothing_stays_for_ever_of_a_worker_that_is_lost_from_the_register() {
        lost();
        redis.client().del(redis.key("workers"));
        assertThat(redis.client().pttl(redis.key("workers:info:lost"))).isBetween(1L, 86_400_000L);
        assertThat(broker.workers()).isEmpty();
    }

    @Test
    void whatever_else_stands_there_is_unreadable_and_harms_nothing() {
        List<String> evil = List.of(
                "",
                "no JSON",
                "[]",
                "null",
                "7",
                "{}",
                "{\"host\":7}",
                "{\"host\":\"h\",\"threads\":1,\"types\":{}}",
                "[".repeat(100_000),
                "x".repeat(3 << 20));
        for (int i = 0; i < evil.size(); i++) {
            redis.client().zadd(redis.key("workers"), i, "evil-" + i);
            redis.client().set(redis.key("workers:info:evil-" + i), evil.get(i));
        }
        redis.client().zadd(redis.key("workers"), Double.POSITIVE_INFINITY, "evil-list");
        redis.client().lpush(redis.key("workers:info:evil-list"), "x");
        redis.client().zadd(redis.key("workers"), -1e300, "x".repeat(10_000));
        redis.client().zadd(redis.key("workers"), 1, "half");
        redis.client()
                .set(
                        redis.key("workers:info:half"),
                        "{\"host\":\"h\",\"threads\":1,\"types\":[1,null,{}],\"pid\":\"x\",\"running\":[3,{\"id\":[]}],\"started_at\":1e999,"
                                + "\"quiet\":{\"since\":\"x\"}}");
        redis.client().set(redis.key("quiet"), "no hash");
        lost();
        assertThat(broker.workers()).hasSize(evil.size() + 3).allSatisfy(info -> {
            assertThat(info.details().isPresent()).isNotEqualTo(info.problem().isPresent());
            assertThat(info.details().isPresent())
                    .as(info.name())
                    .isEqualTo(info.name().equals("half") || info.name().equals("lost"));
            if (info.name().startsWith("evil-") && !info.name().equals("evil-0")) {
                assertThat(info.problem()).contains("what it says of itself is unreadable");
            }
        });
        try (Worker worker = builder().handler("t", task -> null).start()) {
            await().atMost(PATIENCE).until(worker::isReady);
            redis.client().del(redis.key("workers:info:" + worker.name()));
            redis.client().lpush(redis.key("workers:info:" + worker.name()), "not a string");
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> details(worker).threads() == 3);
            broker.enqueue("t", 1);
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        }
    }

    @Test
    void as_much_as_a_worker_can_say_is_read_again() {
        List<WorkerInfo.Running> running = IntStream.range(0, 1_000)
                .mapToObj(i -> new WorkerInfo.Running(
                        "\u0001".repeat(128), "\"".repeat(128), Instant.EPOCH, "t".repeat(100), true))
                .toList();
        List<String> types = IntStream.range(0, 1_000)
                .mapToObj(i -> "\u0002".repeat(124) + i)
                .toList();
        BrokerEngine.of(broker)
                .session("much", LEASE)
                .beat(new BeatReport(
                        new WorkerInfo.Details(
                                "h",
                                1,
                                Optional.empty(),
                                Instant.EPOCH,
                                1,
                                List.of("q"),
                                types,
                                true,
                                1_000,
                                running,
                                Optional.empty()),
                        List.of(),
                        List.of()));
        assertThat(redis.client().strlen(redis.key("workers:info:much"))).isLessThan(1 << 20);
        WorkerInfo.Details read = broker.workers().get(0).details().orElseThrow();
        assertThat(read.busy()).isEqualTo(1_000);
        assertThat(read.allTypes()).isFalse();
        assertThat(read.types()).hasSizeGreaterThan(200).allMatch(types::contains);
        assertThat(read.running()).hasSizeGreaterThan(200).allMatch(running.get(0)::equals);
    }

    @Test
    void a_thousand_workers_are_read_in_pages() {
        IntStream.range(0, 1_000).forEach(i -> redis.client().zadd(redis.key("workers"), i, "w" + i));
        lost();
        assertThat(broker.workers())
                .extracting(WorkerInfo::name)
                .hasSize(1_001)
                .isSorted()
                .contains("lost", "w0", "w999");
    }

    @Test
    void a_full_redis_hears_of_it_too() {
        try (RedisProcess full = RedisProcess.start();
                RedisBroker there = RedisBroker.at(full.settings()).build()) {
            BrokerSession session = BrokerEngine.of(there).session("w", LEASE);
            session.beat();
            full.command("CONFIG", "SET", "maxmemory", "1");
            BeatReport report =
                    new BeatReport(anything(), List.of(new BeatReport.Count("t", TaskState.DEAD, 1)), List.of());
            assertThat(session.beat(report).counted())
                    .as("what grows is refused")
                    .isFalse();
            assertThat(there.workers().get(0).details()).contains(anything());
            full.command("CONFIG", "SET", "maxmemory", "0");
            assertThat(session.beat(report).counted()).isTrue();
        }
    }
}
