package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** In a rolling upgrade to another format of the queue, an older worker refuses, and says so. */
class FormatTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @Test
    void a_worker_that_is_older_than_its_queue_claims_nothing_and_says_why() {
        try (RedisBroker broker = redis.broker();
                Worker worker = QuickWorkers.of(broker)
                        .lease(Duration.ofSeconds(1))
                        .handler("t", task -> null)
                        .start()) {
            await().until(worker::isReady);
            assertThat(redis.client().get(redis.key("format"))).isEqualTo("1");
            redis.client().set(redis.key("format"), "2");
            await().until(() -> worker.health().notReady().stream().anyMatch(reason -> reason.contains("format 2")));
            assertThatThrownBy(broker::check)
                    .isInstanceOf(BrokerRejectedException.class)
                    .hasMessageContaining("format 2")
                    .hasMessageContaining("upgrade");
            // One may come in by the wait that is under way; the other one is claimed by nobody.
            broker.enqueue("t", 1);
            broker.enqueue("t", 2);
            await().pollDelay(Duration.ofSeconds(1)).until(() -> broker.stats().ready() > 0);
            redis.client().set(redis.key("format"), "1");
            await().until(worker::isReady);
            await().until(() -> broker.stats().unfinished() == 0);
        }
    }

    @Test
    void a_worker_that_is_newer_raises_the_format() {
        redis.client().set(redis.key("format"), "0");
        try (RedisBroker broker = redis.broker();
                Worker worker =
                        QuickWorkers.of(broker).handler("t", task -> null).start()) {
            await().until(worker::isReady);
            assertThat(redis.client().get(redis.key("format"))).isEqualTo("1");
            assertThat(broker.check()).noneMatch(warning -> warning.contains("format"));
        }
    }
}
