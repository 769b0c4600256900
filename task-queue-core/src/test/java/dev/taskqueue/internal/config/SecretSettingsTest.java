package dev.taskqueue.internal.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A secret in whatever setting is printed by nothing: no message, no cause, no list of settings. */
class SecretSettingsTest {

    private static final String SECRET = "s3cret";

    private static final List<String> VALUES = List.of(
            "redis://:s3cret@host",
            "redis://:s3cret@host:6379/0",
            "rediss://user:s3cret@host:6379/0",
            "REDIS://s3cret@host",
            "user:s3cret@host:6379",
            ":s3cret@host:6379",
            "s3cret@host",
            "host:6379,user:s3cret@host:6379",
            "redis://:s3,cret@host,s3cret",
            "redis://:\ns3cret@host",
            "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----");

    private static final Map<String, Consumer<Variables>> READERS = Map.ofEntries(
            Map.entry("text", variables -> variables.text("X")),
            Map.entry("text or", variables -> variables.text("X", "fallback")),
            Map.entry("secret", variables -> variables.secret("X")),
            Map.entry("path", variables -> variables.path("X")),
            Map.entry("integer", variables -> variables.integer("X", 1, 0, 9)),
            Map.entry("duration", variables -> variables.duration("X", Duration.ZERO, Duration.ZERO, Duration.ZERO)),
            Map.entry("flag", variables -> variables.flag("X", true)));

    private static final List<String> BROKER_SETTINGS = List.of(
            "REDIS_ADDR",
            "REDIS_URL",
            "REDIS_USERNAME",
            "REDIS_DB",
            "REDIS_TLS",
            "REDIS_TLS_CA",
            "REDIS_TLS_CERT",
            "REDIS_TLS_KEY",
            "REDIS_SENTINEL_MASTER",
            "REDIS_MODE",
            "QUEUE_NAME",
            "TASK_STATUS_TTL",
            "IDEMPOTENCY_TTL",
            "MAX_RECOVERIES");

    /** Everything that a failure could print. */
    private static String printed(Throwable failure) {
        if (failure == null) {
            return "";
        }
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    static Stream<Arguments> readersAndValues() {
        return READERS.keySet().stream().flatMap(reader -> VALUES.stream().map(value -> Arguments.of(reader, value)));
    }

    @ParameterizedTest
    @MethodSource("readersAndValues")
    void no_kind_of_setting_prints_it(String reader, String value) {
        Variables variables = new Variables(Map.of("X", value)::get);
        Throwable failure = catchThrowable(() -> READERS.get(reader).accept(variables));
        assertThat(printed(failure)).doesNotContain(SECRET);
        assertThat(variables.shown().toString()).doesNotContain(SECRET);
    }

    static Stream<Arguments> settingsAndValues() {
        return BROKER_SETTINGS.stream().flatMap(name -> VALUES.stream().map(value -> Arguments.of(name, value)));
    }

    @ParameterizedTest
    @MethodSource("settingsAndValues")
    void no_setting_of_the_broker_prints_it(String name, String value) {
        Variables variables = new Variables(Map.of(name, value)::get);
        StringBuilder told = new StringBuilder();
        Throwable failure = catchThrowable(() -> {
            RedisSettings redis = BrokerVariables.redis(variables);
            told.append(redis).append(redis.address()).append(redis.host());
            try (RedisBroker broker = BrokerVariables.broker(redis, variables).build()) {
                told.append(broker.queue().equals(value) ? "" : broker.queue());
            }
        });
        assertThat(printed(failure)).doesNotContain(SECRET);
        assertThat(told + variables.shown().toString()).doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://:s3cret@host",
                "redis://host:6379",
                "s3cret@host",
                "user:s3cret@host:6379",
                "unix:/s3cret",
                "a:1,b:s3cret@c"
            })
    void an_address_that_is_no_host_and_port_is_refused_with_one_sentence(String value) {
        for (Map<String, String> settings :
                List.of(Map.of("REDIS_ADDR", value), Map.of("REDIS_ADDR", value, "REDIS_URL", "redis://h"))) {
            assertThatThrownBy(() -> BrokerVariables.redis(new Variables(settings::get)))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessage(
                            "REDIS_ADDR holds a URL, a user or a password; use REDIS_URL for those, which is never shown");
        }
        assertThatThrownBy(() -> RedisSettings.of(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host:port")
                .hasMessageNotContaining(SECRET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"host:s3cret", "s3cret:s3cret", "host:6379:s3cret]:x", "ho st:s3cret", "host:s3cret\nlevel=ERROR"
            })
    void a_port_that_is_no_number_is_not_shown(String value) {
        assertThatThrownBy(() -> BrokerVariables.redis(new Variables(Map.of("REDIS_ADDR", value)::get)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith("REDIS_ADDR: ")
                .hasMessageNotContaining(SECRET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://user:12#s3cret@host",
                "redis://user:12?s3cret@host",
                "redis://user:12/s3cret@host",
                "redis://:s3cret/x@host",
                "redis://:s3 cret@host",
                "redis://:s3cret%@host",
                "redis://user:s3cret@ho_st:1",
                "redis://user:s3cret@[host",
                "redis://user:s3cret@host:99999",
                "redis://user:s3cret@host:99999999999",
                "http://:s3cret@host",
                "redis:s3cret"
            })
    void a_url_that_cannot_be_used_is_told_without_it(String url) {
        Throwable failure = catchThrowable(() -> BrokerVariables.redis(new Variables(Map.of("REDIS_URL", url)::get)));
        assertThat(failure).isInstanceOf(InvalidSettingException.class).hasMessageStartingWith("REDIS_URL: ");
        assertThat(printed(failure)).doesNotContain(SECRET).doesNotContain("user:12");
    }

    @Test
    void a_key_in_place_of_its_file_is_refused() {
        String key = "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----";
        assertThatThrownBy(() -> BrokerVariables.redis(
                        new Variables(Map.of("REDIS_TLS", "true", "REDIS_TLS_CERT", "/x", "REDIS_TLS_KEY", key)::get)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessage("REDIS_TLS_KEY holds a key or a certificate; it must be the path of the file with it");
    }

    @Test
    void what_is_no_secret_is_shown_as_it_is() {
        Variables variables = new Variables(Map.of("A", "host:6379", "B", "/opt/jars")::get);
        variables.text("A");
        variables.path("B");
        variables.text("C", "none");
        assertThat(variables.shown())
                .containsExactly(Map.entry("A", "host:6379"), Map.entry("B", "/opt/jars"), Map.entry("C", "none"));
    }
}
