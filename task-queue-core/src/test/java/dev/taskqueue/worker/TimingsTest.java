package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.internal.BrokerEngine;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimingsTest {

    @Test
    void the_waits_are_those_that_are_documented() {
        assertThat(Timings.DEFAULT)
                .isEqualTo(new Timings(BrokerEngine.LONGEST_WAIT, Duration.ofSeconds(10), Duration.ofSeconds(5)));
    }
}
