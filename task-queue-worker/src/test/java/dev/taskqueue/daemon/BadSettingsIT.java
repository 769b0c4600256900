package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.testing.BadSettings;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.WrongServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with a setting, the worker's jar ends with exit code 2 and one line that names it. */
class BadSettingsIT {

    @TempDir
    Path folder;

    private static void assertRefused(
            SoftAssertions softly, String row, Map<String, String> settings, String... texts) {
        Map<String, String> environment = new HashMap<>(settings);
        environment.putIfAbsent("METRICS_PORT", "0");
        try (JarProcess worker = JarProcess.start("worker.jar", environment)) {
            softly.assertThat(worker.awaitExit()).as(row).isEqualTo(2);
            softly.assertThat(worker.errors().strip().lines())
                    .as(row)
                    .singleElement()
                    .asString()
                    .startsWith("worker: ")
                    .contains(texts);
            softly.assertThat(worker.output() + worker.errors()).as(row).doesNotContain("\tat ", "wr0ng", "s3cret");
        }
    }

    @Test
    void a_bad_value_of_each_setting_of_the_example() {
        // The other values are tested without a process, which takes a second each time.
        List<BadSettings.Row> all = new ArrayList<>(BadSettings.ofBoth(folder));
        all.addAll(BadSettings.ofWorkers(folder));
        Set<BadSettings.Row> rows = new LinkedHashSet<>(BadSettings.firstOfEach(all));
        rows.addAll(all.stream().filter(BadSettingsTest::isOfLogging).toList());
        SoftAssertions.assertSoftly(softly -> rows.forEach(
                row -> assertRefused(softly, row.toString(), row.environment(), row.name(), row.sentence())));
        assertThat(rows).hasSizeGreaterThan(30);
    }

    @Test
    void settings_that_do_not_fit_the_server() {
        try (WrongServers servers = WrongServers.start(folder)) {
            SoftAssertions.assertSoftly(softly -> servers.rows()
                    .forEach(row -> assertRefused(softly, row.name(), row.environment(), "REDIS_", row.sentence())));
        }
    }
}
