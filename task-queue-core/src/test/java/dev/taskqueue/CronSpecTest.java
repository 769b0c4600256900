package dev.taskqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a schedule fires: in the calendar, where clocks change, and what is no spec. */
class CronSpecTest {

    /** The next fires after a time of the zone's clock, with their offsets. */
    private static List<String> fires(String spec, String zone, String after, int count) {
        ZoneId id = ZoneId.of(zone);
        Instant from = LocalDateTime.parse(after).atZone(id).toInstant();
        List<String> fires = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Optional<Instant> next = CronSpec.parse(spec).next(from, id);
            if (next.isEmpty()) {
                break;
            }
            from = next.get();
            fires.add(from.atZone(id).toOffsetDateTime().toString());
        }
        return fires;
    }

    private static List<String> days(String spec, String after, int count) {
        return fires(spec, "UTC", after + "T00:00", count).stream()
                .map(time -> time.substring(5, 10))
                .toList();
    }

    @Test
    void a_fire_is_after_the_time_asked_for_and_never_at_it() {
        CronSpec spec = CronSpec.parse("0 3 * * *");
        Instant three = Instant.parse("2026-05-01T03:00:00Z");
        assertThat(spec.next(three.minusMillis(1), ZoneId.of("UTC"))).contains(three);
        assertThat(spec.next(three, ZoneId.of("UTC"))).contains(three.plus(Duration.ofDays(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 0 * * *|01-02 01-03 01-04",
                "0 0 L * *|01-31 02-28 03-31",
                "0 0 1,L * *|01-31 02-01 02-28",
                "0 0 * * 5L|01-30 02-27 03-27",
                "0 0 * * FRIL|01-30 02-27 03-27",
                "0 0 * * 7L|01-25 02-22 03-29",
                "0 0 * * 0|01-04 01-11 01-18",
                "0 0 * * 7|01-04 01-11 01-18",
                "0 0 * * 5-7|01-02 01-03 01-04",
                "0 0 * * fri-sun|01-02 01-03 01-04",
                "0 0 * JAN,Mar MON|01-05 01-12 01-19",
                "0 0 10/10 * *|01-10 01-20 01-30",
                "0 0 5-20/10 * *|01-05 01-15 02-05",
                "@weekly|01-04 01-11 01-18",
                "@monthly|02-01 03-01 04-01",
                "@Daily|01-02 01-03 01-04",
                "@midnight|01-02 01-03 01-04",
            })
    void the_days_that_fit(String spec, String days) {
        assertThat(days(spec, "2026-01-01", 3)).containsExactly(days.split(" "));
    }

    @Test
    void a_day_fits_one_of_both_restricted_fields_and_both_where_one_begins_with_a_star() {
        assertThat(days("0 0 13 * 5", "2026-01-01", 4)).containsExactly("01-02", "01-09", "01-13", "01-16");
        assertThat(days("0 0 */10 * 1", "2026-01-01", 3)).containsExactly("05-11", "06-01", "08-31");
    }

    @Test
    void leap_days() {
        assertThat(fires("0 0 29 2 *", "UTC", "2096-01-01T00:00", 3))
                .containsExactly("2096-02-29T00:00Z", "2104-02-29T00:00Z", "2108-02-29T00:00Z");
        assertThat(fires("0 0 29 2 */7", "UTC", "2026-01-01T00:00", 2))
                .as("on a Sunday")
                .containsExactly("2032-02-29T00:00Z", "2060-02-29T00:00Z");
    }

    @Test
    void berlin_skips_an_hour_and_repeats_one() {
        assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 2))
                .as("right after the gap")
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00");
        assertThat(fires("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", 3))
                .as("once for all that fell into the gap")
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00", "2026-03-30T02:00+02:00");
        assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2))
                .as("the first time")
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
        assertThat(fires("0 2,3 * * *", "Europe/Berlin", "2026-10-24T12:00", 3))
                .containsExactly("2026-10-25T02:00+02:00", "2026-10-25T03:00+01:00", "2026-10-26T02:00+01:00");
        assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-10-25T02:45", 1))
                .as("asked for within the repeated hour")
                .containsExactly("2026-10-26T02:30+01:00");
    }

    @Test
    void hourly_and_finer_go_by_elapsed_time() {
        assertThat(fires("@hourly", "Europe/Berlin", "2026-03-29T00:30", 3))
                .containsExactly("2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00");
        assertThat(fires("0 * * * *", "Europe/Berlin", "2026-10-25T01:30", 3))
                .containsExactly("2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00");
        assertThat(fires("*/30 2 * * *", "Europe/Berlin", "2026-10-25T01:30", 4))
                .containsExactly(
                        "2026-10-25T02:00+02:00",
                        "2026-10-25T02:30+02:00",
                        "2026-10-25T02:00+01:00",
                        "2026-10-25T02:30+01:00");
        assertThat(fires("30 */2 * * *", "Europe/Berlin", "2026-03-29T00:45", 1))
                .as("02:30 does not come")
                .containsExactly("2026-03-29T04:30+02:00");
    }

    @Test
    void new_york() {
        assertThat(fires("30 2 * * *", "America/New_York", "2026-03-07T12:00", 2))
                .containsExactly("2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00");
        assertThat(fires("30 1 * * *", "America/New_York", "2026-10-31T12:00", 2))
                .containsExactly("2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00");
    }

    @Test
    void cairo_has_its_gap_at_midnight_and_an_overlap_that_ends_the_day_again() {
        assertThat(fires("0 0 * * *", "Africa/Cairo", "2026-04-22T12:00", 3))
                .containsExactly("2026-04-23T00:00+02:00", "2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00");
        assertThat(fires("@daily", "Africa/Cairo", "2026-10-29T12:00", 2))
                .containsExactly("2026-10-30T00:00+02:00", "2026-10-31T00:00+02:00");
        assertThat(fires("30 23 * * *", "Africa/Cairo", "2026-10-28T23:45", 2))
                .containsExactly("2026-10-29T23:30+03:00", "2026-10-30T23:30+02:00");
    }

    @Test
    void lord_howe_shifts_by_half_an_hour() {
        assertThat(fires("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", 2))
                .containsExactly("2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00");
        assertThat(fires("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00", 2))
                .containsExactly("2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30");
        assertThat(fires("*/15 * * * *", "Australia/Lord_Howe", "2026-04-05T01:30", 4))
                .containsExactly(
                        "2026-04-05T01:45+11:00",
                        "2026-04-05T01:30+10:30",
                        "2026-04-05T01:45+10:30",
                        "2026-04-05T02:00+10:30");
    }

    @Test
    void apia_left_a_day_out_and_so_does_its_schedule() {
        assertThat(fires("0 10 * * *", "Pacific/Apia", "2011-12-28T12:00", 2))
                .containsExactly("2011-12-29T10:00-10:00", "2011-12-31T10:00+14:00");
        assertThat(fires("0 10 30 12 *", "Pacific/Apia", "2011-12-01T00:00", 1))
                .containsExactly("2012-12-30T10:00+14:00");
        assertThat(fires("0 */12 * * *", "Pacific/Apia", "2011-12-29T10:00", 2))
                .containsExactly("2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00");
    }

    @Test
    void the_ends_of_time_are_no_trouble() {
        CronSpec spec = CronSpec.parse("0 3 * * *");
        ZoneId zone = ZoneId.of("Europe/Berlin");
        assertThat(spec.next(Instant.MIN, zone)).isPresent();
        assertThat(spec.next(Instant.MAX, zone)).isEmpty();
        assertThat(spec.next(Instant.parse("9600-01-01T00:00:00Z"), zone)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "0 0 31 2 *|spec is \"0 0 31 2 *\", which no date ever fits",
                "0 0 30 2 *|no date ever fits",
                "0 0 31 4,6,9,11 *|no date ever fits",
                "1--100000000 * * * *|minute is \"1--100000000\"; allowed are 0 to 59",
                "0-99999999999 * * * *|minute is \"0-99999999999\"; allowed are 0 to 59",
                "* * * *|spec is \"* * * *\", of 4 fields; it must have five",
                "* * * * * *|of 6 fields; it must have five",
                "often|of one field; it must have five",
                "*/0 * * * *|minute is \"*/0\"; a step is 1 to 59; allowed are 0 to 59",
                "*/90 * * * *|minute is \"*/90\"; a step is 1 to 59",
                "*/ * * * *|minute is \"*/\"",
                "60 * * * *|minute is \"60\"; allowed are 0 to 59",
                "-1 * * * *|minute is \"-1\"",
                "1, * * * *|minute is \"1,\"",
                "1.5 * * * *|minute is \"1.5\"",
                "* 24 * * *|hour is \"24\"; allowed are 0 to 23",
                "* 22-2 * * *|hour is \"22-2\"; a range must not run backwards",
                "* * 0 * *|day of month is \"0\"; allowed are 1 to 31, L (the last day)",
                "* * L-3 * *|day of month is \"L-3\"",
                "* * 15W * *|day of month is \"15W\"",
                "* * ? * *|day of month is \"?\"",
                "* * * 13 *|month is \"13\"; allowed are 1 to 12, JAN to DEC",
                "* * * JANUARY *|month is \"JANUARY\"",
                "* * * * 8|day of week is \"8\"; allowed are 0 to 7, SUN to SAT, 5L (the last Friday)",
                "* * * * L|day of week is \"L\"",
                "* * * * 1#2|day of week is \"1#2\"",
                "MON * * * *|minute is \"MON\"",
                "@reboot|spec is \"@reboot\"; allowed are @hourly, @daily",
                "@every 5m|spec is \"@every 5m\"; allowed are",
                "' '|of 2 fields",
                "~ ~|spec is missing or blank",
                "~~|spec is missing or blank",
            })
    void what_is_no_spec_is_refused_with_a_sentence(String spec, String sentence) {
        assertThatThrownBy(() -> CronSpec.parse(spec))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void what_is_no_spec_is_refused_quickly_and_in_a_short_sentence() {
        for (String spec :
                List.of("1,".repeat(5_000) + "2 * * * *", "9".repeat(10_000), "0 0 31 2 *", " ".repeat(10_000))) {
            assertTimeout(
                    Duration.ofSeconds(5),
                    () -> assertThatThrownBy(() -> CronSpec.parse(spec))
                            .isInstanceOf(InvalidTaskException.class)
                            .message()
                            .hasSizeLessThan(400));
        }
        assertThatThrownBy(() -> CronSpec.parse("0 0\n* * *")).hasMessageContaining("control characters");
        assertThatThrownBy(() -> CronSpec.parse(null)).hasMessageContaining("spec is missing");
    }

    @Test
    void white_space_does_not_count() {
        assertThat(CronSpec.parse("  0\t3  * * MON "))
                .isEqualTo(CronSpec.parse("0 3 * * MON"))
                .hasToString("0 3 * * MON")
                .hasSameHashCodeAs(CronSpec.parse("0 3 * * MON"))
                .isNotEqualTo(CronSpec.parse("0 3 * * 1"));
    }
}
