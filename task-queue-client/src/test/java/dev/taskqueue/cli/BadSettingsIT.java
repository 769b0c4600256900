package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.testing.BadSettings;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.WrongServers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with a setting, the client's jar ends with exit code 2 and one line that names it. */
class BadSettingsIT {

    @TempDir
    Path folder;

    private static void assertRefused(
            SoftAssertions softly, String row, Map<String, String> settings, String... texts) {
        Map<String, String> environment = settings;
        try (JarProcess client = JarProcess.start("client.jar", environment, "stats")) {
            softly.assertThat(client.awaitExit()).as(row).isEqualTo(2);
            softly.assertThat(client.errors().strip().lines())
                    .as(row)
                    .singleElement()
                    .asString()
                    .startsWith("client: ")
                    .contains(texts);
            softly.assertThat(client.output() + client.errors()).as(row).doesNotContain("\tat ", "wr0ng", "s3cret");
        }
    }

    @Test
    void a_bad_value_of_each_setting_of_the_example() {
        // The other values are tested without a process, which takes a second each time.
        List<BadSettings.Row> rows = BadSettings.firstOfEach(BadSettings.ofBoth(folder));
        SoftAssertions.assertSoftly(softly -> rows.forEach(
                row -> assertRefused(softly, row.toString(), row.environment(), row.name(), row.sentence())));
        assertThat(rows).hasSizeGreaterThan(15);
    }

    @Test
    void settings_that_do_not_fit_the_server() {
        try (WrongServers servers = WrongServers.start(folder)) {
            SoftAssertions.assertSoftly(softly -> servers.rows()
                    .forEach(row -> assertRefused(softly, row.name(), row.environment(), "REDIS_", row.sentence())));
        }
    }
}
