package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.Task;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several queues over one broker's connections. */
class SeveralQueuesTest extends BrokerFixture {

    private static final Duration LEASE = Duration.ofSeconds(30);

    private final String reports = redis.queue() + "-reports";

    @Test
    void a_worker_opens_a_session_for_each_queue_on_one_set_of_connections() {
        BrokerEngine engine = BrokerEngine.of(broker);
        BrokerEngine other = engine.queue(reports);
        broker.enqueue("t", "own");
        Task task = Task.of("t", "report");
        other.enqueue(List.of(task));
        assertThat(redis.client().llen(redis.queue())).isEqualTo(1);
        assertThat(redis.client().llen(reports)).isEqualTo(1);
        assertThat(other.session("w2", LEASE).claim(10).claims())
                .extracting(claim -> claim.task().id())
                .containsExactly(task.id());
        assertThat(redis.client().llen(reports + ":processing:w2")).isEqualTo(1);
        assertThat(other.queue()).isEqualTo(reports);
        assertThat(other.limits()).isSameAs(engine.limits());
        assertThat(other.longestCall()).isEqualTo(engine.longestCall());
    }

    @Test
    void only_the_engine_that_was_made_first_closes_the_connections() {
        BrokerEngine engine = BrokerEngine.of(broker);
        BrokerEngine other = engine.queue(reports);
        BrokerEngine ofOther = other.queue(redis.queue());
        other.close();
        ofOther.close();
        assertThat(engine.isClosed()).isFalse();
        engine.ping();
        engine.close();
        assertThat(other.isClosed()).isTrue();
        assertThatThrownBy(other::ping).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_name_that_is_not_allowed_is_refused() {
        BrokerEngine engine = BrokerEngine.of(broker);
        assertThatThrownBy(() -> engine.queue("a b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("queue name is \"a b\"");
        assertThatThrownBy(() -> engine.queue("mail:task")).isInstanceOf(IllegalArgumentException.class);
    }
}
