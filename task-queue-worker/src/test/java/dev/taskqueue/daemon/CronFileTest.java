package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.Cron;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the lines of {@code CRON_FILE} say. */
class CronFileTest {

    private static final Cron NIGHTLY = Cron.of(
                    "nightly", "0 3 * * MON-FRI", "report", RawJson.parse("{\"a\": \"b c\"}"))
            .withZone(ZoneId.of("Europe/Berlin"))
            .withCatchUp(Cron.CatchUp.ALL)
            .withOverlap(Cron.Overlap.QUEUE)
            .withMaxRetries(5);

    @TempDir
    Path folder;

    private CronFile read(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("cron.txt"), text);
        return CronFile.read(new Variables(Map.of("CRON_FILE", file.toString())::get))
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nightly 0 3 * * MON-FRI report {\"a\": \"b c\"} zone=Europe/Berlin overlap=queue catch_up=all max_retries=5",
                "nightly 0 3 * * MON-FRI report zone=Europe/Berlin overlap=queue catch_up=all max_retries=5 {\"a\": \"b c\"}",
                "nightly\t0  3 * *\tMON-FRI report overlap=queue catch_up=all {\"a\": \"b c\"}  zone=Europe/Berlin max_retries=5",
                "nightly zone=Europe/Berlin 0 3 * * MON-FRI max_retries=5 report {\"a\": \"b c\"} catch_up=all overlap=queue",
            })
    void options_stand_behind_anything_but_the_words_of_the_spec(String line) {
        assertThat(CronLine.parse(line)).isEqualTo(NIGHTLY);
    }

    @Test
    void the_payload_may_be_any_json_or_missing() {
        assertThat(CronLine.parse("a @daily t").payload()).isEqualTo(RawJson.NULL);
        assertThat(CronLine.parse("a @daily t 1").payload()).hasToString("1");
        assertThat(CronLine.parse("a @daily t \"x zone=UTC\"").payload()).hasToString("\"x zone=UTC\"");
        assertThat(CronLine.parse("a @daily t \"x zone=UTC\" zone=Asia/Tokyo").zone())
                .isEqualTo(ZoneId.of("Asia/Tokyo"));
        assertThat(CronLine.parse("a @daily t zone=+02:00").zone()).isEqualTo(ZoneId.of("+02:00"));
    }

    @Test
    void a_file_has_a_schedule_a_line_with_comments_and_blank_lines() throws Exception {
        CronFile file = read("# all\n\n  a @daily t {}\r\n\t# b\nb */5 * * * * u zone=UTC\n");
        assertThat(file.crons()).extracting(Cron::name).containsExactly("a", "b");
        assertThat(file.entries()).extracting(CronFile.Entry::line).containsExactly(3, 5);
        assertThat(file.owner()).isEqualTo("cron-file");
        assertThat(read("").crons()).isEqualTo(List.of());
        assertThat(CronFile.read(new Variables(name -> null))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a 0 0 31 2 * t {}|spec is \"0 0 31 2 *\", which no date ever fits",
                "a 1--100000000 * * * * t|minute is \"1--100000000\"",
                "a @often t|spec is \"@often\"; allowed are @hourly",
                "a * * *|spec is \"* * *\", of 3 fields",
                "a|spec is missing",
                "a @daily|type is missing",
                "a @daily zone=UTC|type is missing",
                "a @daily t {} zone=Mars|zone is \"Mars\"; it must be a time zone",
                "a @daily t zon=UTC|option is \"zon\"; allowed are zone=",
                "a zone=UTC @daily t {} zone=UTC|zone is given twice",
                "a @daily t overlap=never|overlap is \"never\"; allowed are",
                "a @daily t catch_up=some|catch_up is \"some\"; allowed are",
                "a @daily t overlap=queue catch_up=none|use \"latest\" or \"all\"",
                "a @daily t max_retries=many|max_retries is \"many\"; allowed is 0 to 10000",
                "a @daily t max_retries=10001|max_retries is 10001",
                "a @daily t {\"a\":}|payload is not JSON",
                "a @daily t {} {}|payload is not JSON",
            })
    void what_is_no_schedule_is_refused_with_a_sentence(String line, String sentence) {
        assertThatThrownBy(() -> CronLine.parse(line))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining(sentence);
        assertThatThrownBy(() -> read("# first\n" + line))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith("CRON_FILE is ")
                .hasMessageContaining("line 2: ")
                .hasMessageContaining(sentence);
    }
}
