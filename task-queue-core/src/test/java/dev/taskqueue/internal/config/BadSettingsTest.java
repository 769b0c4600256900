package dev.taskqueue.internal.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.taskqueue.testing.BadSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings that both programs read, and that the table leaves none out; the programs have tests of their own. */
class BadSettingsTest {

    @TempDir
    Path folder;

    @Test
    void each_bad_value_is_told_in_one_line_that_names_the_setting() {
        assertThat(BadSettings.ofBoth(folder)).allSatisfy(row -> {
            Variables variables = new Variables(row.environment()::get);
            Throwable failure =
                    catchThrowable(() -> BrokerVariables.broker(BrokerVariables.redis(variables), variables));
            assertThat(failure)
                    .as(row.toString())
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageContaining(row.name())
                    .hasMessageContaining(row.sentence());
            assertThat(failure.getMessage().lines()).hasSize(1);
        });
    }

    @Test
    void every_setting_of_the_example_has_three_bad_values() {
        Map<String, Long> counts = Stream.of(
                        BadSettings.ofBoth(folder), BadSettings.ofWorkers(folder), BadSettings.ofDashboards())
                .flatMap(List::stream)
                .collect(Collectors.groupingBy(BadSettings.Row::name, Collectors.counting()));
        assertThat(counts.keySet()).containsExactlyInAnyOrderElementsOf(BadSettings.names());
        assertThat(counts)
                .allSatisfy((name, count) -> assertThat(count).as(name).isGreaterThanOrEqualTo(3));
    }
}
