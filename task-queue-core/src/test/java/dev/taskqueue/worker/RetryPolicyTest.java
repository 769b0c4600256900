package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskHistory;
import dev.taskqueue.TaskOptions;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The default backoff outlasts a short outage of what handlers call. */
class RetryPolicyTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private LongSummaryStatistics delays(RetryPolicy policy, int failures) {
        try (RedisBroker broker = redis.broker()) {
            Task task = new Task(
                    "id",
                    "t",
                    RawJson.NULL,
                    TaskOptions.DEFAULT.withMaxRetries(10_000),
                    new TaskHistory(0, failures - 1, null),
                    Map.of());
            broker.enqueue(task);
            Attempt attempt = new Attempt(
                    BrokerEngine.of(broker)
                            .session("w", Duration.ofSeconds(1))
                            .claim(1)
                            .claims()
                            .get(0),
                    null,
                    null);
            return LongStream.range(0, 2_000)
                    .map(i -> policy.delayAfter(attempt, new Exception()).toMillis())
                    .summaryStatistics();
        }
    }

    private void assertDrawnFromTheUpperHalf(LongSummaryStatistics delays, Duration longest) {
        assertThat(delays.getMin()).isBetween(longest.toMillis() / 2, longest.toMillis() * 6 / 10);
        assertThat(delays.getMax()).isBetween(longest.toMillis() * 9 / 10, longest.toMillis());
    }

    @Test
    void three_retries_are_spread_over_about_five_minutes_each_drawn_from_its_upper_half() {
        RetryPolicy policy = RetryPolicy.exponential(Duration.ofSeconds(15), Duration.ofHours(1));
        assertDrawnFromTheUpperHalf(delays(policy, 1), Duration.ofSeconds(15));
        assertDrawnFromTheUpperHalf(delays(policy, 2), Duration.ofMinutes(1));
        assertDrawnFromTheUpperHalf(delays(policy, 3), Duration.ofMinutes(4));
    }

    @Test
    void no_delay_is_longer_than_the_longest_however_many_attempts_have_failed() {
        RetryPolicy policy = RetryPolicy.exponential(Duration.ofMillis(1), Duration.ofDays(300_000));
        assertDrawnFromTheUpperHalf(delays(policy, 5_000), Duration.ofDays(300_000));
        assertDrawnFromTheUpperHalf(
                delays(RetryPolicy.exponential(Duration.ofSeconds(15), Duration.ofHours(1)), 5), Duration.ofHours(1));
    }

    @Test
    void a_base_above_the_longest_is_refused_with_a_sentence() {
        assertThatThrownBy(() -> RetryPolicy.exponential(Duration.ofHours(2), Duration.ofHours(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the maximum not less than the base");
    }
}
