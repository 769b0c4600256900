package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.worker.Worker;
import dev.taskqueue.worker.WorkerMetrics;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.yaml.snakeyaml.Yaml;

/** Grafana's dashboard, the alerts and README speak of the metrics that a worker really has, and of all of them. */
class MetricsShownTest {

    private static final Path ROOT = Path.of("..");

    /** Not what a rule records, which begins with {@code queue:}. */
    private static final Pattern METRIC = Pattern.compile("(?<![\\w:])(go_task_queue|jvm|process)_\\w+");

    /** Of the JVM and the process, the dashboard shows the heap, the collections and the CPU; the rest is left out. */
    private static final Pattern SHOWN = Pattern.compile("go_task_queue_.*");

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    /** The families that a worker exposes, each with the names of its series. */
    private List<MetricFamilySamples> exposed() {
        CollectorRegistry registry = new CollectorRegistry();
        DefaultExports.register(registry);
        try (RedisBroker broker = redis.broker();
                Worker worker = Worker.of(broker)
                        .handler("noop", task -> null)
                        .metrics(new WorkerMetrics(registry))
                        .build()) {
            assertThat(worker.name()).isNotEmpty();
            return Collections.list(registry.metricFamilySamples());
        }
    }

    private static Set<String> series(List<MetricFamilySamples> families) {
        Set<String> names = new TreeSet<>();
        families.forEach(family -> Collections.addAll(names, family.getNames()));
        return names;
    }

    private static Set<String> metrics(Iterable<String> expressions) {
        Set<String> found = new TreeSet<>();
        expressions.forEach(text -> METRIC.matcher(text).results().forEach(match -> found.add(match.group())));
        return found;
    }

    private static JsonNode dashboard() throws IOException {
        return new ObjectMapper()
                .readTree(ROOT.resolve("deploy/grafana/dashboards/task-queue.json")
                        .toFile());
    }

    private static Set<String> onTheDashboard() throws IOException {
        JsonNode dashboard = dashboard();
        List<String> expressions = new ArrayList<>();
        dashboard.findValues("expr").forEach(text -> expressions.add(text.textValue()));
        dashboard.findValues("query").forEach(text -> expressions.add(text.textValue()));
        return metrics(expressions);
    }

    private static List<String> ofTheAlerts() throws IOException {
        List<String> expressions = new ArrayList<>();
        Map<?, ?> rules = new Yaml().load(Files.readString(ROOT.resolve("deploy/alerts.yaml")));
        for (Object group : (List<?>) rules.get("groups")) {
            for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
                expressions.add((String) ((Map<?, ?>) rule).get("expr"));
            }
        }
        return expressions;
    }

    @Test
    void what_is_on_the_dashboard_or_alerted_on_is_exposed() throws IOException {
        Set<String> exposed = series(exposed());
        assertThat(exposed).containsAll(onTheDashboard());
        assertThat(metrics(ofTheAlerts())).isNotEmpty().isSubsetOf(exposed);
    }

    @Test
    void what_is_exposed_is_on_the_dashboard() throws IOException {
        Set<String> shown = onTheDashboard();
        assertThat(exposed())
                .filteredOn(family -> SHOWN.matcher(family.name).matches())
                .hasSizeGreaterThan(15)
                .allSatisfy(family ->
                        assertThat(List.of(family.getNames())).as(family.name).anyMatch(shown::contains));
    }

    @Test
    void what_has_a_queue_is_shown_by_queue() throws IOException {
        Set<String> ofQueues = new TreeSet<>();
        for (MetricFamilySamples family : exposed()) {
            if (family.samples.stream().anyMatch(sample -> sample.labelNames.contains("queue"))) {
                Collections.addAll(ofQueues, family.getNames());
            }
        }
        Set<String> byQueue = new TreeSet<>();
        for (JsonNode text : dashboard().findValues("expr")) {
            if (text.textValue().contains("by (le, queue)") || text.textValue().contains("by (queue")) {
                byQueue.addAll(metrics(List.of(text.textValue())));
            }
        }
        assertThat(onTheDashboard())
                .filteredOn(ofQueues::contains)
                .hasSizeGreaterThan(10)
                .isSubsetOf(byQueue);
    }

    @Test
    void panels_have_numbers_of_their_own_and_do_not_overlap() throws IOException {
        Set<Integer> numbers = new TreeSet<>();
        Set<String> cells = new TreeSet<>();
        for (JsonNode panel : dashboard().get("panels")) {
            assertThat(numbers.add(panel.get("id").intValue())).isTrue();
            JsonNode place = panel.get("gridPos");
            for (int x = 0; x < place.get("w").intValue(); x++) {
                for (int y = 0; y < place.get("h").intValue(); y++) {
                    int column = place.get("x").intValue() + x;
                    assertThat(column).isLessThan(24);
                    assertThat(cells.add(column + " " + (place.get("y").intValue() + y)))
                            .as(panel.get("title").textValue())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void readme_explains_every_metric() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        assertThat(exposed())
                .extracting(family -> family.name)
                .filteredOn(name -> SHOWN.matcher(name).matches())
                .allSatisfy(name ->
                        assertThat(readme).containsAnyOf("`" + name, "`…" + name.substring("go_task_queue".length())));
    }
}
