package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.LogCapture;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The log line of a buried entry says why, and shows what it holds only where that is allowed. */
class MalformedEntryLogTest extends BrokerFixture {

    private String buried(String entry, boolean logPayloads) {
        try (LogCapture log = new LogCapture(Settlement.class);
                RedisBroker logging =
                        redis.brokerBuilder().logPayloads(logPayloads).build()) {
            redis.client().lpush(redis.queue(), entry);
            BrokerEngine.of(logging).session("w2", Duration.ofSeconds(1)).claim(1);
            return log.messages("moved malformed entry to dead letters").get(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "secret | not JSON: Unrecognized token … where",
                "{\"type\":\"x\",\"priority\":\"secret\"} | priority is …; allowed are \"high\", \"normal\" and \"low\"",
                "{\"type\":{\"secret\":1}} | type is …; it must be a string",
                "{\"type\":[\"secret\"]} | type is …; it must be a string",
                "{\"type\":\"x\",\"retry\":\"secret; it\"} | retry is …; it must be an integer",
                "{\"payload\":\"secret\"} | type is missing or blank; it must be 1 to 128 characters",
                "[\"secret\"] | the entry is a JSON array; it must be an object",
            })
    void it_says_why_and_shows_what_is_allowed(String entry, String reason) {
        assertThat(buried(entry, false))
                .contains(reason)
                .doesNotContain("secret")
                .doesNotContain("preview");
        assertThat(buried(entry, true)).contains("secret", "preview");
    }
}
