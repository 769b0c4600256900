package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.testing.BadSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every bad value of a setting of workers alone; {@link BadSettingsIT} tells that the jar ends with exit code 2. */
class BadSettingsTest {

    @TempDir
    Path folder;

    /** Whether it is the command line that refuses it, before there is a daemon. */
    static boolean isOfLogging(BadSettings.Row row) {
        return row.name().startsWith("LOG_");
    }

    private static Throwable failureOf(BadSettings.Row row) {
        Map<String, String> environment = new HashMap<>(row.environment());
        environment.putIfAbsent("METRICS_PORT", "0");
        // One that is accepted fails for the want of a signal to stop it.
        return catchThrowable(new Daemon(environment::get, null, null)::run);
    }

    @Test
    void each_is_told_in_one_line_that_names_the_setting() {
        List<BadSettings.Row> rows = BadSettings.ofWorkers(folder).stream()
                .filter(row -> !isOfLogging(row))
                .toList();
        assertThat(rows).hasSizeGreaterThan(40).allSatisfy(row -> {
            Throwable failure = failureOf(row);
            assertThat(failure)
                    .as(row.toString())
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageContaining(row.name())
                    .hasMessageContaining(row.sentence());
            assertThat(failure.getMessage().lines()).hasSize(1);
        });
    }
}
