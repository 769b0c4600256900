package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cron;
import dev.taskqueue.CronEntry;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each fire of a schedule becomes one task, whoever fires, and whatever stands in its way is its own trouble. */
class CronFiringTest extends CronFixture {

    private static final Cron HOURLY = Cron.of("hourly", "0 * * * *", "report", Map.of("a", 1));

    @Test
    void a_due_schedule_enqueues_one_task_that_is_named_after_its_time() {
        broker.crons().put(YEARLY.withMaxRetries(7).withTimeout(Duration.ofSeconds(9)));
        fire(session);
        assertThat(enqueued()).isEmpty();
        Instant due = now().minusSeconds(2);
        letBeDue("yearly", due);
        fire(session);
        fire(session);
        assertThat(enqueued()).containsExactly(id(YEARLY, due));
        Task task = broker.parse(redis.client().lindex(redis.queue(), 0));
        assertThat(task.type()).isEqualTo("report");
        assertThat(task.maxRetries()).isEqualTo(7);
        assertThat(task.timeout()).contains(Duration.ofSeconds(9));
        assertThat(task.createdAt()).isBetween(due, now().plusSeconds(60));
        assertThat(broker.status(id(YEARLY, due)).orElseThrow().state()).isEqualTo(TaskState.PENDING);
        assertThat(entry("yearly").lastTaskId()).contains(id(YEARLY, due));
        assertThat(entry("yearly").nextFire()).isEqualTo(YEARLY.next(now()));
    }

    @Test
    void its_task_goes_to_its_lane_by_the_rules_of_enqueue() {
        broker.enqueue("t", 1);
        broker.crons().put(YEARLY.withPriority(Priority.HIGH));
        letBeDue("yearly", now());
        fire(session);
        assertThat(redis.client().llen(redis.key("high"))).isEqualTo(1);
    }

    @Test
    void of_missed_fires_the_latest_is_made_up_for_once() {
        broker.crons().put(HOURLY);
        Instant hour = now().truncatedTo(ChronoUnit.HOURS);
        letBeDue("hourly", hour.minus(5, ChronoUnit.HOURS));
        fire(session);
        assertThat(enqueued()).containsExactly(id(HOURLY, hour));
        assertThat(entry("hourly").nextFire()).contains(hour.plus(1, ChronoUnit.HOURS));
    }

    @Test
    void what_is_more_than_a_day_late_is_left_out() {
        broker.crons().put(YEARLY.withCatchUp(Cron.CatchUp.ALL));
        letBeDue("yearly", now().minus(25, ChronoUnit.HOURS));
        fire(session);
        assertThat(enqueued()).isEmpty();
        assertThat(entry("yearly").nextFire().orElseThrow()).isAfter(now());
    }

    @Test
    void all_missed_fires_are_made_up_for_on_request_the_oldest_first() {
        Cron all = HOURLY.withCatchUp(Cron.CatchUp.ALL).withOverlap(Cron.Overlap.ALLOW);
        broker.crons().put(all);
        Instant hour = now().truncatedTo(ChronoUnit.HOURS);
        letBeDue("hourly", hour.minus(2, ChronoUnit.HOURS));
        fire(session);
        assertThat(enqueued())
                .containsExactly(
                        id(all, hour.minus(2, ChronoUnit.HOURS)),
                        id(all, hour.minus(1, ChronoUnit.HOURS)),
                        id(all, hour));
        broker.crons()
                .put(Cron.of("minutely", "* * * * *", "t", null)
                        .withCatchUp(Cron.CatchUp.ALL)
                        .withOverlap(Cron.Overlap.ALLOW));
        letBeDue("minutely", now().minus(300, ChronoUnit.DAYS));
        fire(session);
        assertThat(enqueued().size() - 3).as("those of a day").isBetween(1439, 1442);
    }

    @Test
    void none_is_made_up_for_on_request() {
        broker.crons().put(YEARLY.withCatchUp(Cron.CatchUp.NONE));
        letBeDue("yearly", now().minus(5, ChronoUnit.MINUTES));
        fire(session);
        assertThat(enqueued()).isEmpty();
        letBeDue("yearly", now());
        fire(session);
        assertThat(enqueued()).as("in time").hasSize(1);
    }

    @Test
    void a_worker_that_knows_the_old_schedule_does_not_fire() {
        for (Runnable change : List.<Runnable>of(
                () -> broker.crons().put(Cron.of("yearly", "0 0 2 1 *", "report", null)),
                () -> broker.crons().put(Cron.of("yearly", "@yearly", "report", "other payload")),
                () -> broker.crons().pause("yearly"),
                () -> broker.crons().remove("yearly"))) {
            broker.crons().remove("yearly");
            broker.crons().put(YEARLY);
            Instant due = now().minusSeconds(9);
            letBeDue("yearly", due);
            CronTasks.Fire fire = prepared(YEARLY, due);
            change.run();
            // Only the definition tells.
            redis.client().zadd(redis.key("cron:due"), due.toEpochMilli(), "yearly");
            assertThat(fire.carryOut().error()).isEqualTo(CronTasks.STALE);
            assertThat(enqueued()).isEmpty();
        }
    }

    private static byte[] text(Cron cron) {
        return CronDefinition.of(cron, Optional.empty()).write();
    }

    /** What a worker is about to say to Redis. */
    private CronTasks.Fire prepared(Cron cron, Instant due) {
        CronTasks tasks = new CronTasks(BrokerEngine.of(broker).context());
        CronDefinition definition = CronDefinition.of(cron, Optional.empty());
        CronPlan plan = new CronPlan(Optional.of(due), cron.next(now()));
        return tasks.fire(Bytes.bytes(cron.name()), "" + due.toEpochMilli(), text(cron), definition, plan, now());
    }

    @Test
    void of_two_workers_that_are_about_to_fire_one_does() {
        broker.crons().put(YEARLY);
        Instant due = now().minusSeconds(9);
        letBeDue("yearly", due);
        CronTasks.Fire slow = prepared(YEARLY, due);
        assertThat(prepared(YEARLY, due).carryOut().error()).isEmpty();
        assertThat(slow.carryOut().error()).isEqualTo(CronTasks.STALE);
        end(id(YEARLY, due));
        letBeDue("yearly", due.plusSeconds(1));
        fire(session);
        assertThat(slow.carryOut().error()).as("one fire later").isEqualTo(CronTasks.STALE);
        assertThat(enqueued()).containsExactly(id(YEARLY, due.plusSeconds(1)));
    }

    @Test
    void many_workers_that_race_fire_each_once() throws Exception {
        int schedules = 150;
        int workers = 6;
        for (int i = 0; i < schedules; i++) {
            broker.crons().put(Cron.of("c" + i, "@yearly", "t", i).withOverlap(Cron.Overlap.ALLOW));
        }
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            for (int round = 1; round <= 3; round++) {
                for (int i = 0; i < schedules; i++) {
                    letBeDue("c" + i, now().minusSeconds(20 - round));
                }
                CyclicBarrier start = new CyclicBarrier(workers);
                List<Future<?>> ends = IntStream.range(0, workers)
                        .<Future<?>>mapToObj(i -> threads.submit(() -> {
                            BrokerSession own = BrokerEngine.of(broker).session("r" + i, LEASE);
                            start.await();
                            fire(own);
                            return null;
                        }))
                        .toList();
                for (Future<?> end : ends) {
                    end.get();
                }
                fire(session);
                assertThat(enqueued()).hasSize(schedules * round).doesNotHaveDuplicates();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_definition_that_cannot_be_read_is_set_aside_with_the_reason_and_the_others_fire() {
        Map<String, String> evil = new HashMap<>(Map.of(
                "text", "Hello",
                "empty", "",
                "array", "[1]",
                "no-spec", "{\"type\":\"t\"}",
                "no-type", "{\"spec\":\"@yearly\"}",
                "spec", "{\"spec\":\"0 0 31 2 *\",\"type\":\"t\"}",
                "zone", "{\"spec\":\"@yearly\",\"zone\":\"Mars/Olympus\",\"type\":\"t\"}",
                "overlap", "{\"spec\":\"@yearly\",\"overlap\":1,\"type\":\"t\"}",
                "long", "{\"spec\":\"@yearly\",\"type\":\"t\",\"payload\":\"" + "x".repeat(70_000) + "\"}",
                "deep", "{\"spec\":\"@yearly\",\"type\":\"t\",\"payload\":" + "[".repeat(30_000) + "}"));
        evil.put("unique", "{\"spec\":\"@yearly\",\"unique\":{\"key\":\"k\"},\"type\":\"t\"}");
        broker.crons().put(YEARLY);
        evil.forEach((name, text) -> {
            redis.client().hset(redis.key("cron"), name, text);
            redis.client().zadd(redis.key("cron:due"), 1, name);
        });
        redis.client().zadd(redis.key("cron:due"), 2, "nothing there");
        redis.client().hset(redis.key("cron"), "white space", "{\"spec\":\"@yearly\",\"type\":\"t\"}");
        redis.client().zadd(redis.key("cron:due"), Double.NEGATIVE_INFINITY, "white space");
        letBeDue("yearly", now());
        fire(session);
        assertThat(enqueued()).hasSize(1);
        assertThat(redis.client().zrange(redis.key("cron:due"), 0, -1)).containsExactly("yearly");
        List<CronEntry> broken = broker.crons().list().stream()
                .filter(entry -> !entry.name().equals("yearly"))
                .toList();
        assertThat(broken).hasSize(evil.size() + 1).allSatisfy(entry -> {
            assertThat(entry.problem()).as(entry.name()).isPresent();
            assertThat(entry.nextFire()).isEmpty();
        });
        assertThat(entry("spec").problem().orElseThrow()).contains("which no date ever fits");
        assertThat(entry("long").problem().orElseThrow()).contains("at most 65536 are allowed");
        broker.crons().put(Cron.of("spec", "@yearly", "t", null));
        assertThat(entry("spec").problem()).isEmpty();
        assertThat(entry("spec").nextFire()).isPresent();
    }

    @Test
    void a_score_that_anybody_wrote_is_no_reason_to_fire_and_does_no_harm() {
        broker.crons().put(YEARLY);
        for (double score : List.of(-1.0, 0.5, Double.NEGATIVE_INFINITY, -1e300)) {
            redis.client().zadd(redis.key("cron:due"), score, "yearly");
            fire(session);
            assertThat(entry("yearly").nextFire().orElseThrow()).isAfter(now());
        }
        redis.client().zadd(redis.key("cron:due"), Double.POSITIVE_INFINITY, "yearly");
        fire(session);
        assertThat(enqueued()).isEmpty();
        assertThat(entry("yearly").nextFire()).isEmpty();
    }

    @Test
    void a_name_that_is_no_text_fires_once_too() {
        byte[] name = {'a', (byte) 0xff};
        byte[] due = redis.key("cron:due").getBytes(StandardCharsets.UTF_8);
        redis.client()
                .hset(
                        redis.key("cron").getBytes(StandardCharsets.UTF_8),
                        name,
                        Bytes.bytes("{\"spec\":\"@yearly\",\"type\":\"t\"}"));
        redis.client().zadd(due, now().toEpochMilli(), name);
        fire(session);
        fire(session);
        assertThat(enqueued()).hasSize(1);
        assertThat(redis.client().zscore(due, name)).isGreaterThan(now().toEpochMilli());
    }

    @Test
    void keys_of_wrong_types_are_waited_out() {
        broker.crons().put(YEARLY);
        letBeDue("yearly", now());
        for (String key : List.of("cron", "cron:due")) {
            redis.client().rename(redis.key(key), redis.key("kept"));
            redis.client().set(redis.key(key), "x");
            fire(session);
            assertThat(session.fireCrons()).isFalse();
            redis.client().del(redis.key(key));
            redis.client().rename(redis.key("kept"), redis.key(key));
        }
        redis.client().set(redis.queue(), "x");
        fire(session);
        assertThat(entry("yearly").lastTaskId()).isEmpty();
        redis.client().del(redis.queue());
        redis.client().set(redis.key("cron:last"), "x");
        redis.client().set(redis.key("cron:broken"), "x");
        fire(session);
        assertThat(enqueued()).hasSize(1);
        assertThat(entry("yearly").nextFire().orElseThrow()).isAfter(now());
    }

    @Test
    void fields_that_are_not_known_travel_into_the_task() {
        redis.client()
                .hset(
                        redis.key("cron"),
                        "mine",
                        "{\"type\":\"t\",\"spec\":\"@yearly\",\"group\":\"g\",\"payload\":[1.00],\"note\":{}}");
        redis.client().zadd(redis.key("cron:due"), now().toEpochMilli(), "mine");
        broker.crons().pause("mine");
        broker.crons().resume("mine");
        letBeDue("mine", now());
        fire(session);
        Task task = broker.parse(redis.client().lindex(redis.queue(), 0));
        assertThat(task.extraFields())
                .containsExactlyInAnyOrderEntriesOf(Map.of("group", RawJson.of("g"), "note", RawJson.parse("{}")));
        assertThat(task.payload()).hasToString("[1.00]");
    }

    @Test
    void nothing_is_done_for_a_queue_without_schedules() {
        session.promote(100);
        assertThat(session.cronWait()).isEmpty();
        await().until(() -> session.promote(100).isEmpty());
    }
}
