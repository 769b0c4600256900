package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.Cron;
import dev.taskqueue.CronEntry;
import dev.taskqueue.CronSpec;
import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.Crons;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code broker.crons()} does to the schedules of its queue. */
class CronsTest extends BrokerFixture {

    private static final Cron DAILY =
            Cron.of("daily", "0 3 * * *", "report", List.of(1)).withZone(ZoneId.of("Europe/Berlin"));

    private Crons crons;

    @BeforeEach
    void openCrons() {
        crons = broker.crons();
    }

    private List<String> names() {
        return crons.list().stream().map(CronEntry::name).toList();
    }

    private Double score(String name) {
        return redis.client().zscore(redis.key("cron:due"), name);
    }

    private void due(String name, long millis) {
        redis.client().zadd(redis.key("cron:due"), millis, name);
    }

    @Test
    void a_schedule_is_listed_as_it_was_put_with_its_next_fire() {
        Cron full = new Cron(
                "full",
                CronSpec.parse("*/5 8-18 * * MON-FRI"),
                ZoneId.of("Australia/Lord_Howe"),
                "t",
                RawJson.parse("{\"n\":1.00}"),
                9,
                Priority.LOW,
                Duration.ofSeconds(3),
                Cron.Overlap.QUEUE,
                Cron.CatchUp.ALL);
        CronEntry put = crons.put(DAILY);
        crons.put(full);
        assertThat(crons.list()).hasSize(2).first().isEqualTo(put);
        assertThat(put.cron()).contains(DAILY);
        assertThat(put.nextFire()).isEqualTo(DAILY.next(Instant.now()));
        assertThat(put.lastTaskId()).isEmpty();
        assertThat(crons.list().get(1).cron()).contains(full);
        assertThat(redis.client().hget(redis.key("cron"), "daily"))
                .isEqualTo("{\"spec\":\"0 3 * * *\",\"zone\":\"Europe/Berlin\",\"type\":\"report\",\"payload\":[1],"
                        + "\"overlap\":\"skip\",\"catch_up\":\"latest\"}");
    }

    @Test
    void a_change_fires_for_no_time_before_it_and_one_that_leaves_the_times_leaves_what_is_due() {
        crons.put(DAILY);
        due("daily", 1_000);
        crons.put(DAILY);
        assertThat(score("daily"))
                .as("put again, as a program does that starts")
                .isEqualTo(1_000);
        crons.put(DAILY.withMaxRetries(1));
        assertThat(score("daily")).isEqualTo(1_000);
        crons.put(DAILY.withZone(ZoneId.of("America/New_York")));
        assertThat(score("daily")).isGreaterThan(System.currentTimeMillis());
        due("daily", 1_000);
        crons.put(Cron.of("daily", "0 4 * * *", "report", List.of(1)));
        assertThat(score("daily")).isGreaterThan(System.currentTimeMillis());
    }

    @Test
    void a_removed_schedule_leaves_nothing() {
        crons.put(DAILY);
        crons.runNow("daily");
        assertThat(crons.remove("daily")).isTrue();
        assertThat(crons.remove("daily")).isFalse();
        assertThat(crons.list()).isEmpty();
        assertThat(redis.client().keys(redis.key("cron*"))).isEmpty();
    }

    @Test
    void a_paused_schedule_is_not_due_and_stays_paused_when_it_is_put_again() {
        assertThat(crons.pause("daily")).isFalse();
        assertThat(crons.resume("daily")).isFalse();
        crons.put(DAILY);
        due("daily", 1_000);
        assertThat(crons.pause("daily")).isTrue();
        assertThat(crons.pause("daily")).isTrue();
        assertThat(score("daily")).isNull();
        assertThat(crons.put(DAILY.withMaxRetries(5)).paused()).isTrue();
        crons.sync("me", List.of(DAILY));
        assertThat(crons.list().get(0).paused()).isTrue();
        assertThat(crons.list().get(0).nextFire()).isEmpty();
        assertThat(crons.resume("daily")).isTrue();
        assertThat(score("daily")).as("for no time before").isGreaterThan(System.currentTimeMillis());
        assertThat(crons.list().get(0).owner()).contains("me");
    }

    @Test
    void a_schedule_runs_now_on_request_and_its_next_fire_stays() {
        assertThat(crons.runNow("daily")).isEmpty();
        crons.put(DAILY.withOverlap(Cron.Overlap.ALLOW));
        crons.pause("daily");
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Enqueued task = crons.runNow("daily").orElseThrow();
            assertThat(task.queue()).isEqualTo(redis.queue());
            ids.add(task.id());
        }
        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("cron:daily:\\d{13}"));
        assertThat(broker.stats().unfinished()).isEqualTo(5);
        assertThat(crons.list().get(0).lastTaskId()).contains(ids.get(4));
        assertThat(crons.list().get(0).nextFire()).isEmpty();
    }

    @Test
    void a_sync_removes_what_its_owner_no_longer_names_and_nothing_else() {
        crons.put(Cron.of("by-hand", "@daily", "t", null));
        crons.sync("other", List.of(Cron.of("others", "@daily", "t", null)));
        Cron one = Cron.of("one", "@daily", "t", null);
        Cron two = Cron.of("two", "@daily", "t", null);
        assertThat(crons.sync("me", List.of(one, two))).isEmpty();
        due("one", 1_000);
        assertThat(crons.sync("me", List.of(one))).containsExactly("two");
        assertThat(score("one")).isEqualTo(1_000);
        assertThat(names()).containsExactly("by-hand", "one", "others");
        crons.put(one);
        assertThat(crons.sync("me", List.of())).as("it was taken over by hand").isEmpty();
        assertThat(crons.sync("other", List.of())).containsExactly("others");
        assertThat(names()).containsExactly("by-hand", "one");
    }

    @Test
    void a_sync_is_all_or_nothing() {
        Cron one = Cron.of("one", "@daily", "t", null);
        assertThatThrownBy(() -> crons.sync("me", List.of(one, DAILY, one)))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining("schedule one is given twice");
        assertThatThrownBy(() -> crons.sync("me", many(1_001))).hasMessageContaining("at most 1000");
        crons.put(DAILY);
        assertThatThrownBy(() -> crons.sync("me", many(1_000))).hasMessageContaining("more than 1000 schedules");
        assertThat(names()).containsExactly("daily");
        crons.remove("daily");
        crons.sync("me", many(1_000));
        assertThat(crons.list()).hasSize(1_000);
        assertThatThrownBy(() -> crons.put(DAILY)).hasMessageContaining("more than 1000 schedules");
        crons.sync("me", many(1_000));
        assertThat(crons.sync("me", List.of())).hasSize(1_000);
    }

    private static List<Cron> many(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Cron.of("many-" + i, "@daily", "t", i))
                .toList();
    }

    @Test
    void changes_at_the_same_time_lose_nothing() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> ends = IntStream.range(0, 4)
                    .<Future<?>>mapToObj(i -> threads.submit(() -> {
                        for (int n = 0; n < 20; n++) {
                            crons.put(Cron.of("c" + i + "-" + n, "@daily", "t", null));
                            crons.sync("owner" + i, List.of(Cron.of("o" + i, "@daily", "t", n)));
                            crons.pause("o" + i);
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(crons.list()).hasSize(84);
        assertThat(crons.list().stream().filter(CronEntry::paused)).hasSize(4);
    }

    @Test
    void what_is_not_allowed_is_refused_with_a_sentence() {
        assertThatThrownBy(() -> Cron.of("a b", "@daily", "t", null)).hasMessageContaining("white space");
        assertThatThrownBy(() -> Cron.of("x".repeat(101), "@daily", "t", null)).hasMessageContaining("at most 100");
        assertThatThrownBy(() -> Cron.of("a", "@daily", " ", null)).hasMessageContaining("type is missing");
        assertThatThrownBy(() -> DAILY.withMaxRetries(-1)).hasMessageContaining("max_retries is -1");
        assertThatThrownBy(() -> DAILY.withOverlap(Cron.Overlap.QUEUE).withCatchUp(Cron.CatchUp.NONE))
                .hasMessageContaining("use \"latest\" or \"all\"");
        assertThatThrownBy(() -> crons.put(Cron.of("a", "@daily", "t", "x".repeat(70_000))))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining("at most 65536");
        try (RedisBroker small = redis.brokerBuilder()
                .maxTaskBytes(1_024)
                .taskStatusTtl(Duration.ZERO)
                .build()) {
            assertThatThrownBy(() -> small.crons()
                            .put(Cron.of("a", "@daily", "t", "x".repeat(1_000)).withOverlap(Cron.Overlap.ALLOW)))
                    .hasMessageContaining("at most 1024");
        }
        assertThat(crons.list()).isEmpty();
    }

    @Test
    void keys_of_wrong_types_fail_the_call_and_are_left_alone() {
        redis.client().set(redis.key("cron"), "x");
        assertThatThrownBy(() -> crons.put(DAILY)).isInstanceOf(TaskQueueException.class);
        assertThatThrownBy(() -> crons.list()).isInstanceOf(TaskQueueException.class);
        redis.client().del(redis.key("cron"));
        redis.client().set(redis.key("cron:due"), "x");
        assertThatThrownBy(() -> crons.put(DAILY)).isInstanceOf(TaskQueueException.class);
        assertThat(redis.client().exists(redis.key("cron"))).isFalse();
        redis.client().del(redis.key("cron:due"));
        redis.client().set(redis.key("cron:last"), "x");
        redis.client().set(redis.key("cron:broken"), "x");
        crons.put(DAILY);
        assertThat(crons.list().get(0).cron()).isEqualTo(Optional.of(DAILY));
        assertThat(crons.runNow("daily")).isPresent();
    }

    @Test
    void schedules_belong_to_one_queue() {
        RedisBroker other = broker.queue(redis.queue() + "-other");
        other.crons().put(DAILY);
        assertThat(crons.list()).isEmpty();
        other.crons().runNow("daily");
        assertThat(other.stats().unfinished()).isEqualTo(1);
        assertThat(broker.stats().unfinished()).isZero();
    }
}
