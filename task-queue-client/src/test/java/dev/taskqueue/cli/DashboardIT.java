package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.testing.BadSettings;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.RedisFixture;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code client.jar dashboard} as it is started, asked and ended. */
class DashboardIT {

    private static final String TOKEN = "admin-token-0123456789";

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private Map<String, String> environment(String... more) {
        Map<String, String> environment = new HashMap<>(ClientJar.environment(redis));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return environment;
    }

    @Test
    void serves_until_it_is_told_to_end_and_writes_actions_down() throws Exception {
        try (JarProcess dashboard = JarProcess.start(
                "client.jar",
                environment("DASHBOARD_ADMIN_TOKEN", TOKEN),
                "dashboard",
                "--port",
                "0",
                "--bind",
                "0.0.0.0")) {
            dashboard.awaitOutput("dashboard of queue");
            Matcher port = Pattern.compile(":(\\d+)/").matcher(dashboard.output());
            assertThat(port.find()).isTrue();
            URI uri = URI.create("http://127.0.0.1:" + port.group(1) + "/api/queues/" + redis.queue() + "/resume");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(uri)
                                    .header("Authorization", "Bearer " + TOKEN)
                                    .POST(HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            dashboard.terminate();
            dashboard.awaitExit();
            assertThat(dashboard.errors())
                    .contains("logger=audit", "POST /api/queues/{queue}/resume", "role=\"admin\"")
                    .doesNotContain(TOKEN, "\tat ");
        }
    }

    @Test
    void another_address_than_this_machines_needs_a_token() {
        ClientJar.Run run = ClientJar.run(environment(), "dashboard", "--port", "0", "--bind", "0.0.0.0");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errors()).startsWith("client: --bind is 0.0.0.0").contains("DASHBOARD_ADMIN_TOKEN");
        assertThat(ClientJar.run(environment(), "dashboard", "--bind", "192.0.2.1")
                        .exitCode())
                .isEqualTo(2);
        assertThat(ClientJar.run(environment(), "dashboard", "--port", "65536").exitCode())
                .isEqualTo(2);
    }

    @Test
    void a_bad_value_of_each_setting() {
        SoftAssertions.assertSoftly(softly -> BadSettings.firstOfEach(BadSettings.ofDashboards())
                .forEach(row -> {
                    Map<String, String> environment = environment();
                    environment.putAll(row.environment());
                    ClientJar.Run run = ClientJar.run(environment, "dashboard", "--port", "0");
                    softly.assertThat(run.exitCode()).as(row.toString()).isEqualTo(2);
                    softly.assertThat(run.errors())
                            .as(row.toString())
                            .contains(row.name(), row.sentence())
                            .doesNotContain("s3cret", "\tat ");
                }));
    }

    @Test
    void no_other_command_loads_what_serves() {
        ClientJar.Run run = ClientJar.run(environment("JDK_JAVA_OPTIONS", "-verbose:class"), "status", "nobody");
        assertThat(run.output())
                .contains("dev.taskqueue.cli.StatusCommand")
                .doesNotContain("dev.taskqueue.dashboard", "org.eclipse.jetty", "com.sun.net.httpserver");
    }
}
