package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What waits for a runner. */
class RunQueueTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final Prefetch prefetch = new Prefetch(1);
    private final RunQueue queue = new RunQueue();

    private List<Attempt> claim(BrokerSession session, int count) {
        return session.claim(count).claims().stream()
                .map(claim -> new Attempt(claim, null, null))
                .toList();
    }

    /** Where the oldest alone went back, those behind them were run first. */
    @Test
    void what_waits_too_long_goes_back_with_all_that_waits_behind_it() {
        RedisBroker broker = redis.broker();
        for (int i = 0; i < 5; i++) {
            broker.enqueue("t", i);
        }
        BrokerSession session = BrokerEngine.of(broker).session("w", Duration.ofMinutes(1));
        List<Attempt> first = claim(session, 2);
        Duration limit = Duration.ofMillis(50);
        queue.put(first, prefetch);
        assertThat(queue.removeOlderThan(Duration.ofMinutes(1))).isEmpty();
        await().until(() -> first.get(1).age().compareTo(limit) > 0);
        List<Attempt> second = claim(session, 3);
        queue.put(second, prefetch);
        assertThat(queue.removeOlderThan(limit))
                .containsExactly(first.get(0), first.get(1), second.get(0), second.get(1), second.get(2));
        assertThat(queue.isEmpty()).isTrue();
    }
}
