package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** No status stays for ever, whatever becomes of its task. */
class LeftStatusesTest extends BrokerFixture {

    private static final long DAY = Duration.ofDays(1).toSeconds();

    private long ttl(String id) {
        return redis.client().ttl(redis.key("task:" + id));
    }

    /** Looks on until every status has been seen. */
    private void scanWith(BrokerSession worker) {
        await().until(() -> {
            worker.expireLeftStatuses();
            return redis.client().keys(redis.key("task:*")).stream()
                    .filter(key -> redis.client().type(key).equals("string"))
                    .allMatch(key -> redis.client().ttl(key) > 0);
        });
    }

    @Test
    void the_status_of_a_task_that_is_gone_with_its_lane_expires() {
        List<Task> tasks =
                IntStream.range(0, 1_500).mapToObj(i -> Task.of("t", i)).toList();
        broker.enqueueAll(tasks);
        redis.client().del(redis.queue());
        scanWith(session);
        assertThat(tasks).allSatisfy(task -> assertThat(ttl(task.id())).isBetween(29 * DAY, 30 * DAY));
    }

    @Test
    void the_status_of_an_entry_that_is_buried_as_malformed_expires() {
        redis.client().set(redis.key("task:m"), "{\"state\":\"pending\"}");
        redis.client().lpush(redis.queue(), "{\"id\":\"m\",\"type\":1}");
        assertThat(session.claim(1).malformed()).isEqualTo(1);
        scanWith(session);
        assertThat(ttl("m")).isPositive();
    }

    @Test
    void the_status_that_a_producer_wrote_for_workers_that_keep_none_expires_after_a_day() {
        String id = broker.enqueue("t", 1).id();
        try (RedisBroker untracked =
                redis.brokerBuilder().taskStatusTtl(Duration.ZERO).build()) {
            BrokerSession worker = BrokerEngine.of(untracked).session("w2", LEASE);
            Claim claim = worker.claim(1).claims().get(0);
            worker.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
            assertThat(ttl(id)).isEqualTo(-1);
            scanWith(worker);
        }
        assertThat(ttl(id)).isBetween(DAY - 60, DAY);
    }

    @Test
    void a_status_is_kept_at_least_as_long_as_one_of_an_ended_task() {
        String id = broker.enqueue("t", 1).id();
        try (RedisBroker patient =
                redis.brokerBuilder().taskStatusTtl(Duration.ofDays(90)).build()) {
            scanWith(BrokerEngine.of(patient).session("w2", LEASE));
        }
        assertThat(ttl(id)).isBetween(89 * DAY, 90 * DAY);
    }

    @Test
    void a_task_that_is_run_after_its_status_has_expired_has_one_again() {
        String id = broker.enqueue("t", 1).id();
        redis.client().del(redis.key("task:" + id));
        Claim claim = session.claim(1).claims().get(0);
        session.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
    }

    @Test
    void what_expires_already_and_what_is_no_status_is_left_alone() {
        String ended = broker.enqueue("t", 1).id();
        Claim claim = session.claim(1).claims().get(0);
        session.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
        redis.client().lpush(redis.key("task:list"), "x");
        redis.client().set(redis.key("taskless"), "x");
        String waiting = broker.enqueue("t", 2).id();
        scanWith(session);
        assertThat(ttl(waiting)).isPositive();
        assertThat(ttl(ended)).isBetween(DAY - 60, DAY);
        assertThat(ttl("list")).isEqualTo(-1);
        assertThat(redis.client().ttl(redis.key("taskless"))).isEqualTo(-1);
    }
}
