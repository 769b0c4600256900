package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tasks that have no status are found where they are, within bounds. */
class FindTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private static String json(String id) {
        return "{\"type\":\"t\",\"payload\":{\"id\":\"other\"},\"id\":\"" + id + "\"}";
    }

    @Test
    void finds_a_task_in_every_place() {
        try (RedisBroker broker = redis.broker()) {
            redis.client().lpush(redis.queue(), "garbage \\", json("other"), json("x"), json("y"));
            assertThat(broker.find("x", 100).place()).contains(Place.READY_NORMAL);
            assertThat(broker.find("x", 100).type()).isEqualTo("t");
            broker.enqueue(Task.of("t", 1).withId("high").withPriority(Priority.HIGH));
            redis.client().lpush(redis.key("low"), json("l\\u006fw"));
            redis.client().zadd(redis.key("scheduled"), 1_700_000_000_000d, json("later"));
            redis.client().rpush(redis.key("suspects"), json("suspect"));
            redis.client().zadd(redis.key("waiting"), 1, "new");
            redis.client().lpush(redis.key("waiting:new"), json("parked"));
            redis.client().lpush(redis.key("dead"), "{\"id\":\"dead\",\"type\":\"t\",\"reason\":\"no luck\"}");
            BrokerEngine.of(broker).session("w1", Duration.ofSeconds(1)).beat();
            redis.client().lpush(redis.key("processing:w1"), json("held"));
            assertThat(broker.find("high", 100).place()).contains(Place.READY_HIGH);
            assertThat(broker.find("low", 100).place()).contains(Place.READY_LOW);
            assertThat(broker.find("suspect", 100).place()).contains(Place.SUSPECTS);
            assertThat(broker.find("parked", 100).place()).contains(Place.PARKED);
            TaskSearch later = broker.find("later", 100);
            assertThat(later.place()).contains(Place.SCHEDULED);
            assertThat(later.dueAt()).contains(Instant.ofEpochMilli(1_700_000_000_000L));
            TaskSearch held = broker.find("held", 100);
            assertThat(held.place()).contains(Place.PROCESSING);
            assertThat(held.worker()).contains("w1");
            TaskSearch dead = broker.find("dead", 100);
            assertThat(dead.place()).contains(Place.DEAD);
            assertThat(dead.reason()).contains("no luck");
            TaskSearch none = broker.find("nobody", 100);
            assertThat(none.place()).isEmpty();
            assertThat(none.complete()).isTrue();
            assertThat(none.searched()).isEqualTo(11);
        }
    }

    @Test
    void looks_at_no_more_than_it_was_told_and_says_so() {
        try (RedisBroker broker = redis.broker()) {
            for (int i = 0; i < 30; i++) {
                redis.client().lpush(redis.queue(), json("t" + i).replace("other", "x".repeat(100_000)));
            }
            assertThat(broker.find("t29", 20).place()).isPresent();
            assertThat(broker.find("t0", 30).place()).isPresent();
            TaskSearch cut = broker.find("t0", 20);
            assertThat(cut.place()).isEmpty();
            assertThat(cut.complete()).isFalse();
            assertThat(cut.searched()).isEqualTo(20);
        }
    }

    @Test
    void keys_of_wrong_types_hold_nothing() {
        try (RedisBroker broker = redis.broker()) {
            redis.client().set(redis.key("dead"), "x");
            redis.client().hset(redis.key("scheduled"), "a", "b");
            assertThat(broker.find("x", 10).complete()).isTrue();
        }
    }
}
