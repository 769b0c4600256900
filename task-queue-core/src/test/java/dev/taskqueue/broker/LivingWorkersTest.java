package dev.taskqueue.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who counts as a worker. */
class LivingWorkersTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @Test
    void a_worker_that_was_killed_leaves_the_stats_after_two_leases() {
        try (RedisBroker broker = redis.broker()) {
            BrokerSession alive = broker.session("alive", Duration.ofSeconds(30));
            alive.beat();
            broker.session("killed", Duration.ofSeconds(30)).beat();
            alive.recover();
            assertThat(broker.stats().workers()).isEqualTo(2);
            redis.client().zincrby(redis.key("workers"), -59_000, "killed");
            assertThat(broker.stats().workers()).isEqualTo(2);
            redis.client().zincrby(redis.key("workers"), -2_000, "killed");
            assertThat(broker.stats().workers()).isEqualTo(1);
            // Also where nobody is left to look.
            redis.client().zincrby(redis.key("workers"), -61_000, "alive");
            assertThat(broker.stats().workers()).isZero();
        }
    }
}
