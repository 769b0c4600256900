package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import dev.taskqueue.testing.BadSettings;
import org.junit.jupiter.api.Test;

class DashboardVariablesTest {

    @Test
    void each_bad_value_is_told_in_one_line_that_names_the_setting_and_shows_no_token() {
        try (RedisBroker broker = RedisBroker.at("localhost:1")) {
            assertThat(BadSettings.ofDashboards()).allSatisfy(row -> {
                Throwable failure = catchThrowable(
                        () -> DashboardVariables.apply(Dashboard.of(broker), new Variables(row.environment()::get)));
                assertThat(failure)
                        .as(row.toString())
                        .isInstanceOf(InvalidSettingException.class)
                        .hasMessageContaining(row.name())
                        .hasMessageContaining(row.sentence())
                        .hasMessageNotContaining("s3cret");
                assertThat(failure.getMessage().lines()).hasSize(1);
            });
        }
    }
}
