package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.yaml.snakeyaml.Yaml;

/** {@code deploy/alerts.yaml}: {@code promtool} shows each alert firing and not firing, where there is one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AlertsTest {

    private static final Path DEPLOY = Path.of("..", "deploy");

    private final Map<String, Map<?, ?>> alerts = new LinkedHashMap<>();

    @BeforeAll
    void read() throws IOException {
        for (Object group : (List<?>) yaml("alerts.yaml").get("groups")) {
            for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
                Map<?, ?> fields = (Map<?, ?>) rule;
                if (fields.containsKey("alert")) {
                    alerts.put((String) fields.get("alert"), fields);
                }
            }
        }
    }

    private static Map<?, ?> yaml(String file) throws IOException {
        return new Yaml().load(Files.readString(DEPLOY.resolve(file)));
    }

    private static void promtool(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(words));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(DEPLOY.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "promtool is not installed: it comes with Prometheus");
            return;
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    @Test
    void the_rules_are_sound() throws Exception {
        promtool("check", "rules", "alerts.yaml");
    }

    @Test
    void the_rules_do_as_their_tests_say() throws Exception {
        promtool("test", "rules", "alerts-test.yaml");
    }

    @Test
    void every_alert_is_tested_firing_and_not_firing() throws IOException {
        TreeSet<String> seen = new TreeSet<>();
        for (Object test : (List<?>) yaml("alerts-test.yaml").get("tests")) {
            for (Object moment : (List<?>) ((Map<?, ?>) test).get("alert_rule_test")) {
                Map<?, ?> fields = (Map<?, ?>) moment;
                boolean fires = !((List<?>) fields.get("exp_alerts")).isEmpty();
                seen.add(fields.get("alertname") + (fires ? " fires" : " is silent"));
            }
        }
        TreeSet<String> wanted = new TreeSet<>();
        alerts.keySet().forEach(name -> {
            wanted.add(name + " fires");
            wanted.add(name + " is silent");
        });
        assertThat(seen).isEqualTo(wanted);
    }

    @Test
    void every_alert_says_how_bad_it_is_and_what_to_do() throws IOException {
        String manual = Files.readString(Path.of("..", "docs", "on-call.md"));
        assertThat(alerts).hasSizeGreaterThan(8).allSatisfy((name, fields) -> {
            assertThat(((Map<?, ?>) fields.get("labels")).get("severity")).isIn("critical", "warning");
            assertThat((Map<?, ?>) fields.get("annotations"))
                    .extracting(texts -> new TreeSet<>(texts.keySet()).toString())
                    .isEqualTo("[description, summary]");
            assertThat(manual).contains("`" + name + "`");
        });
    }
}
