package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A colon separates a worker from what follows it in idempotency locks. */
class WorkerNameTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @Test
    void a_worker_is_named_without_a_colon() {
        try (RedisBroker broker = redis.broker()) {
            for (String name : new String[] {"a:b", "", " ", "x".repeat(129)}) {
                assertThatThrownBy(() -> BrokerEngine.of(broker).session(name, Duration.ofSeconds(1)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("without a colon");
            }
        }
    }
}
