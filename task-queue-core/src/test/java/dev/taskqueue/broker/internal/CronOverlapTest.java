package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Cancellation;
import dev.taskqueue.Cron;
import dev.taskqueue.Enqueued;
import dev.taskqueue.Task;
import dev.taskqueue.Unique;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** While the task of one fire has not ended, the next is left out, waits, or goes on, as the schedule says. */
class CronOverlapTest extends CronFixture {

    private static final Cron ALLOW = YEARLY.withOverlap(Cron.Overlap.ALLOW);
    private static final Cron QUEUE =
            Cron.of("minutely", "* * * * *", "t", null).withOverlap(Cron.Overlap.QUEUE);
    private static final Duration RAN = Duration.ofMillis(1);

    private final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(40);
    private int fires;

    /** Lets the schedule be due, at another time on each call, and fires. */
    private void fireNext() {
        fires++;
        letBeDue("yearly", start.plusMillis(fires));
        fire(session);
    }

    private Claim claim() {
        List<Claim> claims = session.claim(10).claims();
        assertThat(claims).hasSize(1);
        Claim claim = claims.get(0);
        if (BrokerSession.mustBegin(claim)) {
            assertThat(session.begin(claims, () -> claims)).containsExactly(Lock.TAKEN);
        }
        return claim;
    }

    private void settle(Outcome outcome) {
        assertThat(session.settle(List.of(outcome))).containsExactly(Settled.YES);
    }

    private void succeed(Claim claim) {
        settle(new Outcome.Succeeded(claim, RAN, Optional.empty()));
    }

    private String holder() {
        return redis.client().hget(redis.key("unique:cron:yearly"), "id");
    }

    @Test
    void a_fire_is_skipped_while_the_task_before_has_not_ended() {
        broker.crons().put(YEARLY);
        Instant first = now().minusSeconds(30);
        letBeDue("yearly", first);
        fire(session);
        letBeDue("yearly", first.plusSeconds(5));
        fire(session);
        assertThat(enqueued()).containsExactly(id(YEARLY, first));
        assertThat(entry("yearly").nextFire().orElseThrow()).isAfter(now());
        assertThat(entry("yearly").lastTaskId()).contains(id(YEARLY, first));
        end(id(YEARLY, first));
        letBeDue("yearly", first.plusSeconds(10));
        fire(session);
        assertThat(enqueued()).containsExactly(id(YEARLY, first.plusSeconds(10)));
    }

    @Test
    void its_task_holds_a_unique_key_that_is_named_after_the_schedule() {
        broker.crons().put(YEARLY);
        fireNext();
        Task task = broker.parse(redis.client().lindex(redis.queue(), 0));
        assertThat(task.unique()).contains(Unique.by("cron:yearly"));
        assertThat(holder()).isEqualTo(task.id());
        assertThat(redis.client().pttl(redis.key("unique:cron:yearly")))
                .isGreaterThan(Duration.ofDays(36).toMillis());
        Enqueued other = broker.enqueue(Task.of("report", 1).withId("by-hand").unique(Unique.by("cron:yearly")));
        assertThat(other.accepted()).isFalse();
        assertThat(other.id()).isEqualTo(task.id());
    }

    @Test
    void neither_statuses_that_are_not_kept_nor_one_that_is_gone_lets_two_overlap() {
        try (RedisBroker untracked =
                redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build()) {
            untracked.crons().put(YEARLY);
            BrokerSession own = BrokerEngine.of(untracked).session("w2", LEASE);
            for (int i = 0; i < 2; i++) {
                letBeDue("yearly", start.plusSeconds(i));
                fire(own);
            }
            assertThat(enqueued()).hasSize(1);
            assertThat(untracked.status(enqueued().get(0))).isEmpty();
        }
        succeed(claim());
        fireNext();
        redis.client().del(redis.key("task:" + enqueued().get(0)));
        fireNext();
        assertThat(enqueued()).hasSize(1);
    }

    @Test
    void whatever_ends_the_task_frees_the_next_fire() {
        broker.crons().put(YEARLY);
        List<Consumer<Claim>> ends = List.of(
                this::succeed,
                claim -> settle(new Outcome.Dead(claim, claim.task().withFailure("no"), "retries exhausted", RAN)),
                claim -> settle(new Outcome.Duplicate(claim, false)),
                claim -> settle(new Outcome.Expired(claim)),
                claim -> {
                    assertThat(broker.cancel(claim.task().id())).isEqualTo(Cancellation.REQUESTED);
                    session.findCancelled(List.of(claim));
                    settle(new Outcome.Cancelled(claim, true, RAN));
                });
        for (Consumer<Claim> end : ends) {
            fireNext();
            Claim claim = claim();
            fireNext();
            assertThat(session.claim(1).claims()).isEmpty();
            end.accept(claim);
            assertThat(holder()).isNull();
        }
        fireNext();
        assertThat(broker.cancel(enqueued().get(0))).isEqualTo(Cancellation.REMOVED);
        fireNext();
        assertThat(enqueued()).hasSize(1);
    }

    @Test
    void a_task_between_two_attempts_or_given_back_holds_the_next_fire_back() {
        broker.crons().put(YEARLY);
        fireNext();
        Claim claim = claim();
        settle(new Outcome.Retry(claim, claim.task().withFailure("no"), Duration.ofDays(1), RAN));
        fireNext();
        assertThat(enqueued()).isEmpty();
        redis.client().del(redis.key("scheduled"), redis.key("unique:cron:yearly"));
        fireNext();
        settle(new Outcome.Released(claim()));
        fireNext();
        assertThat(enqueued()).hasSize(1);
    }

    @Test
    void a_fire_waits_for_the_task_before_on_request_one_at_most_and_others_go_on() {
        broker.crons().put(QUEUE);
        broker.crons().put(YEARLY);
        String first = broker.crons().runNow("minutely").orElseThrow().id();
        Instant due = now().truncatedTo(ChronoUnit.MINUTES).minus(10, ChronoUnit.MINUTES);
        letBeDue("minutely", due);
        letBeDue("yearly", now());
        fire(session);
        assertThat(enqueued()).as("minutely waits, yearly does not").hasSize(2);
        assertThat(entry("minutely").nextFire()).contains(due);
        end(first);
        fire(session);
        fire(session);
        assertThat(enqueued()).hasSize(1);
        Instant planned = Instant.ofEpochMilli(Long.parseLong(enqueued().get(0).split(":")[2]));
        assertThat(planned).isAfter(due.plus(8, ChronoUnit.MINUTES));
    }

    @Test
    void fires_overlap_on_request() {
        broker.crons().put(ALLOW);
        for (int i = 0; i < 3; i++) {
            fireNext();
        }
        assertThat(enqueued()).hasSize(3);
        assertThat(holder()).isNull();
    }

    @Test
    void a_fire_by_hand_is_told_which_task_it_would_overlap() {
        broker.crons().put(YEARLY);
        Enqueued first = broker.crons().runNow("yearly").orElseThrow();
        assertThat(first.accepted()).isTrue();
        assertThat(broker.crons().runNow("yearly")).contains(new Enqueued(first.id(), false, redis.queue()));
        fireNext();
        assertThat(enqueued()).containsExactly(first.id());
        assertThat(entry("yearly").lastTaskId()).contains(first.id());
        end(first.id());
        assertThat(broker.crons().runNow("yearly").orElseThrow().accepted()).isTrue();
    }

    @Test
    void a_schedule_that_is_removed_changed_or_named_anew_while_its_task_runs_goes_by_what_holds_its_name() {
        broker.crons().put(YEARLY);
        fireNext();
        Claim running = claim();
        broker.crons().remove("yearly");
        broker.crons().put(Cron.of("renamed", "@yearly", "report", null));
        letBeDue("renamed", now());
        broker.crons().put(YEARLY);
        fireNext();
        assertThat(enqueued()).as("only the new name fires").hasSize(1).allMatch(id -> id.startsWith("cron:renamed:"));
        succeed(claim());
        broker.crons().put(ALLOW);
        fireNext();
        succeed(claim());
        broker.crons().put(YEARLY);
        fireNext();
        assertThat(enqueued()).isEmpty();
        succeed(running);
        fireNext();
        assertThat(enqueued()).hasSize(1);
    }

    @Test
    void a_key_of_a_wrong_type_is_the_trouble_of_its_schedule_alone() {
        broker.crons().put(YEARLY);
        broker.crons().put(Cron.of("zzz", "@yearly", "report", null));
        String key = redis.key("unique:cron:yearly");
        List<Runnable> evil = List.of(
                () -> redis.client().set(key, "x"),
                () -> redis.client().lpush(key, "x"),
                () -> redis.client().sadd(key, "x"));
        for (Runnable write : evil) {
            write.run();
            fireNext();
            assertThat(session.fireCrons())
                    .as("waits without being asked all the time")
                    .isFalse();
            assertThat(enqueued()).isEmpty();
            assertThat(entry("yearly").nextFire()).contains(start.plusMillis(fires));
            assertThatThrownBy(() -> broker.crons().runNow("yearly"))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("WRONGTYPE");
            letBeDue("zzz", now());
            fire(session);
            succeed(claim());
            redis.client().del(key);
        }
        redis.client().hset(key, Map.of("id", "", "begun", "x", "next", "nobody"));
        redis.client().pexpire(key, 60_000);
        fireNext();
        assertThat(enqueued()).as("held by somebody, until that ends").isEmpty();
        redis.client().del(key);
        fireNext();
        assertThat(enqueued()).hasSize(1);
        succeed(claim());
        assertThat(redis.client().exists(key)).isFalse();
    }

    @Test
    void fires_that_race_with_the_end_of_the_task_before_never_have_two_unfinished() throws Exception {
        broker.crons().put(YEARLY);
        int workers = 4;
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger times = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try (RedisBroker own = redis.broker()) {
            List<Future<?>> ends = IntStream.range(0, workers)
                    .<Future<?>>mapToObj(i -> threads.submit(() -> {
                        BrokerSession promoter = BrokerEngine.of(own).session("p" + i, LEASE);
                        while (!over.get()) {
                            Instant due = start.plusMillis(times.incrementAndGet());
                            redis.client().zadd(redis.key("cron:due"), due.toEpochMilli(), "yearly");
                            promoter.fireCrons();
                            if (i == 0) {
                                own.crons().runNow("yearly");
                            }
                        }
                        return null;
                    }))
                    .toList();
            Set<String> ran = new HashSet<>();
            int most = 0;
            while (ran.size() < 500) {
                List<Claim> claims = session.claim(10).claims();
                most = Math.max(most, claims.size() + (int) broker.stats().ready());
                for (Claim claim : claims) {
                    ran.add(claim.task().id());
                    session.begin(List.of(claim), () -> claims);
                    succeed(claim);
                }
            }
            over.set(true);
            for (Future<?> end : ends) {
                end.get();
            }
            assertThat(most).as("unfinished at one time").isEqualTo(1);
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }
}
