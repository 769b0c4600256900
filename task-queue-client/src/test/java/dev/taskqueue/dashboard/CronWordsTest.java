package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Cron;
import dev.taskqueue.CronSpec;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A spec in words says what it means, or nothing. */
class CronWordsTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 3 * * *|at 03:00",
                "@daily|at 00:00 every day",
                "@hourly|every hour",
                "*/5 * * * *|every 5 minutes",
                "0 9 * * MON-FRI|at 09:00 every day between Monday and Friday",
                "0 0 1 * *|at 00:00 at 1 day",
                "15,45 * * * *|at 15 and 45 minutes",
                "0 0 * * 7|at 00:00 at Sunday day",
                "0 0 * * 0|at 00:00 at Sunday day"
            })
    void of_usual_specs(String spec, String words) {
        assertThat(CronWords.of(CronSpec.parse(spec))).contains(words);
    }

    /** Where the library would tell something else, or knows no such spec. */
    @ParameterizedTest
    @ValueSource(strings = {"0 0 L * *", "0 0 * * 5L", "0 0 * * FRIL", "0 0 13 * 5", "0 0 1,15 * MON"})
    void of_odd_specs_there_are_none(String spec) {
        assertThat(CronWords.of(CronSpec.parse(spec))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "* * * * *",
                "0-59/7 0-23/5 1-31/3 1-12/2 *",
                "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19 * * * *",
                "0 0 29 2 *",
                "5 4 * JAN,MAR-jun *",
                "0 22 * * fri-sun",
                "59 23 31 12 *",
                "@yearly",
                "@weekly",
                "@monthly",
                "@midnight"
            })
    void whatever_the_spec_is_words_are_a_line_or_none(String spec) {
        CronWords.of(CronSpec.parse(spec))
                .ifPresent(words ->
                        assertThat(words).isNotBlank().hasSizeLessThan(300).doesNotContain("\n", "null", "%s"));
    }

    @Test
    void a_schedule_is_listed_with_its_words_and_its_next_three_fires() {
        try (RedisBroker broker = redis.broker();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            broker.crons().put(Cron.of("a", "0 3 * * *", "t", 1));
            broker.crons().put(Cron.of("b", "0 0 L * *", "t", 1));
            redis.client().hset(redis.key("cron"), "c", "no schedule");
            var crons = server.get("/api/crons").json().get("crons");
            assertThat(crons.at("/0/in_words").textValue()).isEqualTo("at 03:00");
            assertThat(crons.at("/0/next_fires")).hasSize(3).doesNotHaveDuplicates();
            assertThat(crons.at("/0/next_fires/0")).isEqualTo(crons.at("/0/next_fire"));
            assertThat(crons.at("/1").has("in_words")).isFalse();
            assertThat(crons.at("/1/next_fires")).hasSize(3);
            assertThat(crons.at("/2").has("problem")).isTrue();
        }
    }
}
