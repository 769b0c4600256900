package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.internal.config.BrokerVariables;
import dev.taskqueue.internal.config.Durations;
import dev.taskqueue.internal.config.Variables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** What {@code docker-compose.yaml} and {@code deploy/} promise, as far as it can be read off them. */
class ComposeTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{(\\w+)(?::-([^}]*))?}");
    private static final Pattern ASSIGNMENT = Pattern.compile("(?m)^([A-Z_]+)=(.*)$");

    private final String text = read("docker-compose.yaml");
    private final Map<?, ?> services = map(yaml(text), "services");
    private final Map<?, ?> worker = map(services, "worker");
    private final Map<?, ?> client = map(services, "client");

    private static String read(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<?, ?> yaml(String text) {
        return new Yaml().load(text);
    }

    private static Map<?, ?> map(Map<?, ?> parent, String key) {
        return (Map<?, ?>) parent.get(key);
    }

    /** The settings of {@code .env.example} with their defaults, up to a headline or from it on. */
    private static Map<String, String> example(boolean ofCompose) {
        String[] parts = read(".env.example").split("# --- Docker Compose only ---");
        assertThat(parts).hasSize(2);
        // What a dashboard alone reads is between the two.
        parts[0] = parts[0].split("# --- Dashboard: ")[0];
        Map<String, String> found = new LinkedHashMap<>();
        Matcher lines = ASSIGNMENT.matcher(parts[ofCompose ? 1 : 0]);
        while (lines.find()) {
            found.put(lines.group(1), lines.group(2));
        }
        return found;
    }

    private static Set<String> names(Map<?, ?> map) {
        Set<String> names = new TreeSet<>();
        map.keySet().forEach(name -> names.add((String) name));
        return names;
    }

    @Test
    void every_setting_reaches_the_worker_from_the_environment_and_from_the_file() {
        Variables variables = new Variables(name -> null);
        DaemonSettings.read(variables);
        Set<String> settings = new TreeSet<>(variables.shown().keySet());
        settings.addAll(Set.of("LOG_FORMAT", "LOG_LEVEL"));
        assertThat(names(map(worker, "environment"))).isEqualTo(settings).isEqualTo(names(example(false)));
        assertThat(worker.get("env_file")).isEqualTo(List.of(Map.of("path", ".env", "required", false)));
    }

    @Test
    void every_setting_of_the_queue_reaches_the_client() {
        Variables variables = new Variables(name -> null);
        BrokerVariables.broker(BrokerVariables.redis(variables), variables);
        assertThat(names(map(client, "environment")))
                .isEqualTo(new TreeSet<>(variables.shown().keySet()));
        assertThat(client.get("env_file")).isEqualTo(worker.get("env_file"));
    }

    @Test
    void every_setting_of_the_dashboard_reaches_it() {
        Set<String> settings = new TreeSet<>(names(map(client, "environment")));
        Matcher lines = ASSIGNMENT.matcher(
                read(".env.example").split("# --- Dashboard: ")[1].split("# --- Docker Compose only ---")[0]);
        while (lines.find()) {
            settings.add(lines.group(1));
        }
        Map<?, ?> dashboard = map(services, "dashboard");
        assertThat(names(map(dashboard, "environment"))).isEqualTo(settings);
        assertThat(dashboard.get("profiles")).isEqualTo(List.of("dashboard"));
    }

    @Test
    void nothing_but_redis_and_the_folder_of_handlers_is_settled_for_the_user() {
        map(worker, "environment").forEach((name, value) -> {
            if (name.equals("HANDLERS_DIR")) {
                assertThat(value).isEqualTo("/app/handlers");
            } else if (value != null) {
                assertThat((String) value).startsWith("${" + name + ":-");
            }
        });
        assertThat(map(worker, "environment").get("REDIS_ADDR")).isEqualTo("${REDIS_ADDR:-redis:6379}");
        Map<?, ?> handlers = (Map<?, ?>) ((List<?>) worker.get("volumes")).get(0);
        assertThat(handlers.get("source")).isEqualTo("${HANDLERS_DIR:-./handlers}");
        assertThat(handlers.get("target")).isEqualTo("/app/handlers");
        assertThat(ROOT.resolve("handlers")).isDirectory();
    }

    @Test
    void variables_stand_in_the_example_with_their_defaults() {
        Map<String, String> all = new LinkedHashMap<>(example(false));
        all.putAll(example(true));
        Set<String> used = new TreeSet<>();
        Matcher variables = VARIABLE.matcher(text);
        while (variables.find()) {
            String name = variables.group(1);
            used.add(name);
            assertThat(all).containsKey(name);
            if (!all.get(name).isEmpty()) {
                assertThat(variables.group(2)).as(name).isEqualTo(all.get(name));
            }
        }
        assertThat(used).containsAll(example(true).keySet());
    }

    @Test
    void ports_are_published_on_loopback_unless_asked_and_none_of_a_worker() {
        assertThat(example(true)).containsEntry("PUBLISH_ADDRESS", "127.0.0.1");
        services.forEach((name, service) -> {
            Object ports = ((Map<?, ?>) service).get("ports");
            if (ports != null) {
                assertThat((List<?>) ports)
                        .allSatisfy(port -> assertThat((String) port)
                                .as("a port of %s", name)
                                .startsWith("${PUBLISH_ADDRESS:-127.0.0.1}:"));
            }
        });
        assertThat(names(worker)).doesNotContain("ports", "container_name", "network_mode");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "500ms", "30s", "5m", "24h"})
    void a_worker_is_killed_later_than_it_gives_up_by_itself(String value) {
        String given = map(worker, "environment").get("WORKER_SHUTDOWN_GRACE").toString();
        String stop = worker.get("stop_grace_period").toString();
        assertThat(stop).startsWith(given);
        // Compose adds the parts of a duration, such as 30s15s.
        assertThat(Durations.parse(stop.substring(given.length())).orElseThrow().toSeconds())
                .isBetween(5L, 60L);
        String grace = VARIABLE.matcher(given).replaceAll(match -> value.isEmpty() ? match.group(2) : value);
        assertThat(Durations.parse(grace)).isPresent();
    }

    @Test
    void what_runs_has_a_memory_limit() {
        assertThat(worker.get("mem_limit")).isEqualTo("${WORKER_MEMORY:-512m}");
        assertThat(map(services, "redis").get("command").toString()).contains("--maxmemory, ${REDIS_MAXMEMORY:-");
    }

    @Test
    void prometheus_looks_for_all_workers_at_their_port() {
        String config = read("deploy/prometheus.yaml");
        Map<?, ?> job = (Map<?, ?>) ((List<?>) yaml(config).get("scrape_configs")).get(0);
        Map<?, ?> search = (Map<?, ?>) ((List<?>) job.get("dns_sd_configs")).get(0);
        assertThat(search.get("names")).isEqualTo(List.of("worker"));
        assertThat(search.get("type")).isEqualTo("A");
        assertThat(":" + search.get("port")).isEqualTo(example(false).get("METRICS_PORT"));
        Map<?, ?> prometheus = map(services, "prometheus");
        for (Object rules : (List<?>) yaml(config).get("rule_files")) {
            String file = rules.toString().substring(rules.toString().lastIndexOf('/') + 1);
            assertThat(prometheus.get("volumes").toString()).contains("./deploy/" + file + ":" + rules + ":ro");
        }
        assertThat(prometheus.get("command").toString()).contains("s/" + search.get("port") + "/");
        assertThat(map(prometheus, "environment").get("METRICS_PORT"))
                .isEqualTo(map(worker, "environment").get("METRICS_PORT"));
    }

    @Test
    void the_images_are_made_of_every_module_and_start_what_is_there() throws Exception {
        String dockerfile = read("deploy/Dockerfile");
        for (Map<?, ?> service : List.of(worker, client, map(services, "dashboard"))) {
            Map<?, ?> build = map(service, "build");
            assertThat(build.get("dockerfile")).isEqualTo("deploy/Dockerfile");
            assertThat(dockerfile).contains(" AS " + build.get("target") + "\n");
        }
        List<String> modules = matches("<module>(.+)</module>", read("pom.xml"));
        assertThat(modules).hasSize(3).allSatisfy(module -> {
            String before = dockerfile.substring(0, dockerfile.indexOf(" AS build"));
            assertThat(before).contains("COPY " + module + "/pom.xml ").doesNotContain("/src/");
            assertThat(dockerfile).contains("COPY " + module + "/src/main ");
        });
        List<String> mains = matches("\"(dev\\.taskqueue\\.\\w+\\.\\w+)\"]", dockerfile);
        assertThat(mains)
                .hasSize(2)
                .allSatisfy(main -> assertThat(Stream.of("task-queue-worker", "task-queue-client")
                                .map(module ->
                                        ROOT.resolve(module + "/src/main/java/" + main.replace('.', '/') + ".java")))
                        .anyMatch(Files::exists));
    }

    @Test
    void the_images_start_the_class_path_that_their_classes_were_cached_for() {
        String dockerfile = read("deploy/Dockerfile");
        for (String main : matches("\"(dev\\.taskqueue\\.\\w+\\.\\w+)\"]", dockerfile)) {
            assertThat(dockerfile)
                    .contains("-XX:AOTCacheOutput=/app/classes.aot @java.args " + main)
                    .contains("ENTRYPOINT [\"java\", \"@/app/java.args\", \"" + main + "\"]");
        }
        assertThat(matches("(?m)^USER (.+)$", dockerfile)).containsOnly("10001:10001");
    }

    private static List<String> matches(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
