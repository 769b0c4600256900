package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Priority;
import dev.taskqueue.QueueStats;
import dev.taskqueue.Task;
import dev.taskqueue.testing.EvilValues;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What stats tell of time: the oldest ready task, what is due next, and what is overdue. */
class StatsTest extends BrokerFixture {

    private static String entry(String fields) {
        return "{\"type\":\"t\"" + fields + "}";
    }

    @Test
    void an_empty_queue_has_neither() {
        QueueStats stats = broker.stats();
        assertThat(stats.oldestReady()).isEmpty();
        assertThat(stats.nextDue()).isEmpty();
        assertThat(stats.overdue()).isZero();
    }

    @Test
    void the_oldest_ready_task_is_the_oldest_of_all_lanes() {
        broker.enqueue(Task.of("t", 1));
        redis.client().lpush(redis.key("high"), entry(",\"created_at\":9000"), entry(",\"created_at\":1"));
        redis.client().lpush(redis.key("low"), entry(",\"created_at\":5000,\"payload\":{\"created_at\":1}"));
        assertThat(broker.stats().oldestReady()).contains(Instant.ofEpochMilli(5000));
    }

    @Test
    void a_delayed_task_is_ready_since_it_was_due_and_a_retry_does_not_tell() {
        redis.client()
                .lpush(
                        redis.queue(),
                        entry(",\"created_at\":1,\"retry\":1"),
                        entry(",\"created_at\":1,\"run_at\":7000"),
                        entry(",\"created_at\":8000"));
        assertThat(broker.stats().oldestReady()).contains(Instant.ofEpochMilli(7000));
    }

    @Test
    void bare_pushes_and_what_is_no_task_tell_nothing_and_hide_nothing() {
        redis.client().lpush(redis.queue(), entry(""), "garbage", entry(",\"created_at\":\"x\""));
        assertThat(broker.stats().oldestReady()).isEmpty();
        redis.client().lpush(redis.queue(), entry(",\"created_at\":8000"));
        assertThat(broker.stats().oldestReady()).contains(Instant.ofEpochMilli(8000));
        EvilValues.entries().forEach(evil -> redis.client().rpush(redis.queue().getBytes(), evil.bytes()));
        broker.stats();
    }

    @Test
    void no_long_entry_is_read() {
        redis.client().lpush(redis.queue(), entry(",\"created_at\":1,\"payload\":\"" + "x".repeat(1 << 20) + "\""));
        assertThat(broker.stats().oldestReady()).isEmpty();
    }

    @Test
    void tells_what_is_due_next_and_what_is_overdue() {
        broker.enqueue(Task.of("t", 1).at(Instant.parse("2100-01-01T00:00:00Z")));
        assertThat(broker.stats().nextDue()).contains(Instant.parse("2100-01-01T00:00:00Z"));
        assertThat(broker.stats().overdue()).isZero();
        redis.client().zadd(redis.key("scheduled"), System.currentTimeMillis(), entry(",\"id\":\"now\""));
        assertThat(broker.stats().overdue()).isZero();
        redis.client().zadd(redis.key("scheduled"), 1_000, entry(",\"id\":\"late\""));
        redis.client().zadd(redis.key("scheduled"), 2_000, entry(",\"id\":\"later\""));
        assertThat(broker.stats().nextDue()).contains(Instant.ofEpochMilli(1_000));
        assertThat(broker.stats().overdue()).isEqualTo(2);
        redis.client().zadd(redis.key("scheduled"), Double.NEGATIVE_INFINITY, entry(",\"id\":\"first\""));
        assertThat(broker.stats().nextDue()).isEmpty();
    }

    @Test
    void keys_of_wrong_types_hold_nothing() {
        redis.client().set(redis.key("scheduled"), "x");
        redis.client().set(redis.key("high"), "x");
        broker.enqueue(Task.of("t", 1).withPriority(Priority.LOW));
        QueueStats stats = broker.stats();
        assertThat(stats.ready()).isOne();
        assertThat(stats.oldestReady()).isPresent();
        assertThat(stats.nextDue()).isEmpty();
        assertThat(stats.overdue()).isZero();
    }
}
