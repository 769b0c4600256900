package dev.taskqueue.internal.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerVariablesTest {

    private static RedisSettings redis(String... settings) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        return BrokerVariables.redis(new Variables(map::get));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "redis://h|redis://h:6379/0",
                "redis://:pw@h:1/2|redis://h:1/2",
                "redis://me:pw@h:1|redis://h:1/0",
                "rediss://me:p%40w@h:1/15|rediss://h:1/15"
            })
    void reads_a_url_and_prints_it_without_its_password(String url, String shown) {
        assertThat(redis("REDIS_URL", url)).hasToString(shown);
    }

    @Test
    void takes_the_password_of_a_url_as_it_is_meant() {
        assertThat(redis("REDIS_URL", "redis://me:p%40w@h:1").password()).contains("p@w");
    }

    @Test
    void a_url_that_cannot_be_read_is_never_quoted() {
        for (String url :
                new String[] {"http://me:secret@h", "redis://me:sec ret@h", "redis://me:secret@h/x", "redis:secret"}) {
            assertThatThrownBy(() -> redis("REDIS_URL", url))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith("REDIS_URL: ")
                    .hasMessageNotContaining("sec");
        }
    }

    @Test
    void settings_that_do_not_go_together_are_told() {
        assertThatThrownBy(() -> redis("REDIS_ADDR", "a:1,b:2")).hasMessageContaining("several addresses");
        assertThatThrownBy(() -> redis("REDIS_MODE", "sentinel")).hasMessageContaining("REDIS_SENTINEL_MASTER");
        assertThatThrownBy(() -> redis("REDIS_MODE", "ring")).hasMessageContaining("single, sentinel or cluster");
        assertThatThrownBy(() -> redis("REDIS_MODE", "cluster", "REDIS_DB", "2"))
                .hasMessageContaining("database 0 alone");
        assertThatThrownBy(() -> redis("REDIS_TLS_CA", "/x")).hasMessageContaining("REDIS_TLS");
        assertThatThrownBy(() -> redis("REDIS_TLS", "true", "REDIS_TLS_CERT", "/x"))
                .hasMessage("REDIS_TLS_CERT is set and REDIS_TLS_KEY is not; they go together");
        assertThat(redis("REDIS_ADDR", "a:1,b", "REDIS_SENTINEL_MASTER", "m").address())
                .isEqualTo("a:1,b:6379");
    }

    @Test
    void reads_routes_in_their_order() {
        Map<String, String> map =
                Map.of("QUEUE_NAME", "own", "TASK_ROUTES", " email:*=emails , a=b=odd,report:*=reports,*=rest");
        try (RedisBroker broker = BrokerVariables.broker(RedisSettings.of("h"), new Variables(map::get))
                .build()) {
            assertThat(broker.queues()).containsExactly("own", "emails", "odd", "reports", "rest");
        }
        try (RedisBroker broker = BrokerVariables.brokerOfOneQueue(RedisSettings.of("h"), new Variables(map::get))
                .build()) {
            assertThat(broker.queues()).containsExactly("own");
        }
    }

    @Test
    void who_was_told_the_queue_is_told_of_bad_routes_too() {
        Map<String, String> bad = Map.of("TASK_ROUTES", "emails");
        assertThatThrownBy(() -> BrokerVariables.brokerOfOneQueue(RedisSettings.of("h"), new Variables(bad::get)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith("TASK_ROUTES entry 1 is \"emails\"; it must be type=queue");
    }

    @Test
    void enqueues_wait_for_no_replica_unless_told_to() {
        Variables none = new Variables(name -> null);
        BrokerVariables.broker(RedisSettings.of("h"), none);
        assertThat(none.shown()).containsEntry("REDIS_WAIT_REPLICAS", "0").containsEntry("REDIS_WAIT_TIMEOUT", "1s");
        Map<String, String> wrong = Map.of("REDIS_WAIT_REPLICAS", "1", "REDIS_WAIT_TIMEOUT", "0");
        assertThatThrownBy(() -> BrokerVariables.broker(RedisSettings.of("h"), new Variables(wrong::get)))
                .hasMessageContaining("REDIS_WAIT_TIMEOUT")
                .hasMessageContaining("from 1ms to 1m");
    }

    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "30s,PT30S", "5m,PT5M", "24h,PT24H", "2d,PT48H", "0,PT0S", "0s,PT0S"})
    void reads_durations(String text, Duration duration) {
        assertThat(Durations.parse(text)).contains(duration);
        assertThat(Durations.parse(Durations.format(duration))).contains(duration);
    }

    @ParameterizedTest
    @CsvSource({"30", "-1s", "1.5s", "s", "1 s", "9999999999999s", "1w"})
    void refuses_what_is_no_duration(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }
}
