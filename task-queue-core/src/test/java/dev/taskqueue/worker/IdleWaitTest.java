package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A wait blocks on the normal lane alone, and sees no pause: so it is for a queue that was empty a moment ago. */
class IdleWaitTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @Test
    void one_that_lay_behind_busy_runners_takes_nothing() {
        try (RedisBroker broker = redis.broker()) {
            BrokerSession session = BrokerEngine.of(broker).session("w1", Duration.ofSeconds(30));
            IdleWait wait = new IdleWait(session, new UnsettledClaims(), null, Duration.ofSeconds(1), () -> {});
            broker.enqueue("t", 1);
            broker.enqueue(Task.of("t", 2).withPriority(Priority.HIGH));
            long madeNanos = System.nanoTime();
            await().until(() ->
                    System.nanoTime() - madeNanos > Duration.ofMillis(20).toNanos());
            assertThat(wait.perform()).isNull();
            assertThat(wait.await().claims()).isEmpty();
            assertThat(wait.isKept()).isFalse();
            assertThat(broker.stats().ready()).isEqualTo(2);
        }
    }
}
