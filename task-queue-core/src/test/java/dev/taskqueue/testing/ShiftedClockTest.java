package dev.taskqueue.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jumps of Redis' clock are tested with. */
class ShiftedClockTest {

    @TempDir
    Path folder;

    private static long shift(ShiftedClock clock, RedisProcess redis) {
        return clock.secondsOf(redis) - System.currentTimeMillis() / 1_000;
    }

    @Test
    void a_server_tells_the_time_of_its_shifted_clock_also_after_a_restart() {
        Optional<ShiftedClock> found = ShiftedClock.in(folder);
        assumeTrue(found.isPresent(), "no C compiler, or no redis-server that can be preloaded");
        ShiftedClock clock = found.get();
        try (RedisProcess redis = RedisProcess.start(clock.environment())) {
            assertThat(shift(clock, redis)).isBetween(-2L, 2L);
            clock.shift(Duration.ofMinutes(-10));
            assertThat(shift(clock, redis)).isBetween(-602L, -598L);
            clock.shift(Duration.ofMinutes(10));
            assertThat(shift(clock, redis)).isBetween(598L, 602L);
            redis.kill();
            redis.restart();
            assertThat(shift(clock, redis)).isBetween(598L, 602L);
        }
    }
}
