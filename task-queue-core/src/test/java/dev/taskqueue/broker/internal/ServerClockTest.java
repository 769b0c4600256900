package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ServerClockTest {

    private static final long MS = 1_000_000;

    private final ServerClock clock = new ServerClock();

    /** What it says at the ticks given, as far as they are from now. */
    private long at(long ticks) {
        return clock.now() + Math.floorDiv(ticks - clock.ticks(), MS);
    }

    @Test
    void is_never_ahead_of_the_server_and_as_near_as_the_quickest_reply() {
        Random random = new Random(1);
        long start = clock.ticks();
        long quickest = Long.MAX_VALUE;
        for (int i = 0; i < 1_000; i++) {
            long asked = start + i * 1_000 * MS;
            long read = asked + random.nextInt(50) * MS / 10;
            long answered = read + random.nextInt(500) * MS / 10;
            long server = 5_000 + (read - start) / MS;
            clock.adjust(server, asked, answered);
            quickest = Math.min(quickest, answered - read);
            assertThat(5_000 + (answered - start) / MS - at(answered)).isBetween(-1L, quickest / MS + 3);
        }
    }

    @Test
    void follows_a_server_whose_clock_is_set_forth_and_back() {
        long now = clock.ticks();
        clock.adjust(1_000_000, now, now + MS);
        clock.adjust(9_000_000, now + 2 * MS, now + 3 * MS);
        assertThat(at(now + 3 * MS)).isBetween(8_999_998L, 9_000_000L);
        clock.adjust(500_000, now + 4 * MS, now + 5 * MS);
        assertThat(at(now + 5 * MS)).isBetween(499_998L, 500_000L);
    }

    @Test
    void is_right_with_the_first_reply_however_wrong_this_machine_is() {
        long now = clock.ticks();
        clock.adjust(1_000, now, now + MS);
        assertThat(at(now + MS)).isBetween(998L, 1_000L);
    }
}
