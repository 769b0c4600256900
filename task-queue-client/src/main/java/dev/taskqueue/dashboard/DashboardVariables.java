package dev.taskqueue.dashboard;

import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The settings of a dashboard as {@code client.jar} takes them from the environment. */
public final class DashboardVariables {

    private DashboardVariables() {}

    /**
     * Reads {@code DASHBOARD_VIEWER_TOKEN}, {@code DASHBOARD_OPERATOR_TOKEN}, {@code DASHBOARD_ADMIN_TOKEN},
     * {@code DASHBOARD_HOSTS} and {@code PAYLOAD_REDACT}.
     *
     * @param dashboard what they are set of
     * @param variables where to read
     * @throws InvalidSettingException if one has a value that is not allowed
     */
    public static void apply(Dashboard dashboard, Variables variables) {
        token(variables, "DASHBOARD_VIEWER_TOKEN", dashboard::viewerToken);
        token(variables, "DASHBOARD_OPERATOR_TOKEN", dashboard::operatorToken);
        token(variables, "DASHBOARD_ADMIN_TOKEN", dashboard::adminToken);
        check("DASHBOARD_HOSTS", () -> list(variables, "DASHBOARD_HOSTS").forEach(dashboard::host));
        check("PAYLOAD_REDACT", () -> dashboard.redact(list(variables, "PAYLOAD_REDACT")));
    }

    private static void token(Variables variables, String name, Consumer<String> setter) {
        Optional<String> token = variables.secret(name);
        check(name, () -> token.ifPresent(setter));
    }

    private static List<String> list(Variables variables, String name) {
        return variables
                .text(name)
                .map(text ->
                        Arrays.stream(text.split(",", -1)).map(String::strip).toList())
                .orElse(List.of());
    }

    private static void check(String name, Runnable setting) {
        try {
            setting.run();
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException(name + ": " + e.getMessage());
        }
    }
}
