package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.taskqueue.internal.config.Durations;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * What {@code deploy/kubernetes} promises, as far as it can be read off it. {@code .ci/run} holds it against Kubernetes' and
 * KEDA's own schemas too, where there is npm.
 */
class KubernetesTest {

    private static final Path FOLDER = Path.of("..", "deploy", "kubernetes");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Class<?>> KINDS = Map.of(
            "ConfigMap", ConfigMap.class,
            "Namespace", Namespace.class,
            "Service", Service.class,
            "Deployment", Deployment.class,
            "StatefulSet", StatefulSet.class,
            "PodDisruptionBudget", PodDisruptionBudget.class);

    /** Kubernetes' classes keep what they do not know; here it is to be an error. */
    private static final class NothingUnknown extends JacksonAnnotationIntrospector {

        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }
    }

    private static List<Path> files(String end) {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<JsonNode> documents(Path file) {
        try {
            List<JsonNode> documents = new ArrayList<>();
            new Yaml().loadAll(Files.readString(file)).forEach(document -> documents.add(JSON.valueToTree(document)));
            return documents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<JsonNode> resources() {
        return files(".yaml").stream()
                .filter(file -> !file.endsWith("kustomization.yaml"))
                .flatMap(file -> documents(file).stream())
                .toList();
    }

    private static JsonNode resource(String kind, String name) {
        return resources().stream()
                .filter(resource -> resource.get("kind").textValue().equals(kind)
                        && resource.at("/metadata/name").textValue().equals(name))
                .findAny()
                .orElseThrow();
    }

    private static List<JsonNode> pods() {
        return resources().stream()
                .map(resource -> resource.at("/spec/template/spec"))
                .filter(JsonNode::isObject)
                .toList();
    }

    private static Set<String> settings(String file) throws IOException {
        Set<String> names = new TreeSet<>();
        Pattern.compile("(?m)^([A-Z_]+)=")
                .matcher(Files.readString(Path.of("..", file)))
                .results()
                .forEach(line -> names.add(line.group(1)));
        return names;
    }

    @Test
    void every_field_is_one_of_kubernetes_and_of_its_type() {
        ObjectMapper strict = JsonMapper.builder()
                .annotationIntrospector(new NothingUnknown())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfig(
                        LogicalType.Textual,
                        config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .build();
        assertThat(resources()).hasSizeGreaterThan(9).allSatisfy(resource -> {
            String kind = resource.get("kind").textValue();
            if (!resource.get("apiVersion").textValue().startsWith("keda.sh/")) {
                assertThat(KINDS).containsKey(kind);
                assertThat(strict.treeToValue(resource, KINDS.get(kind))).isNotNull();
            }
        });
    }

    @Test
    void kustomize_takes_every_file() {
        Set<Path> listed = new TreeSet<>();
        for (Path kustomization : files("kustomization.yaml")) {
            JsonNode fields = documents(kustomization).get(0);
            Stream.of("resources", "components")
                    .forEach(list -> fields.path(list)
                            .forEach(name -> listed.add(kustomization
                                    .resolveSibling(name.textValue())
                                    .toAbsolutePath()
                                    .normalize())));
        }
        assertThat(listed).allMatch(Files::exists);
        assertThat(files(".yaml"))
                .filteredOn(file -> !file.endsWith("kustomization.yaml"))
                .allSatisfy(file ->
                        assertThat(listed).contains(file.toAbsolutePath().normalize()));
    }

    @Test
    void nothing_runs_as_root_or_writes_its_image_or_goes_without_limits_and_probes() {
        assertThat(pods()).hasSize(3).allSatisfy(pod -> {
            assertThat(pod.at("/securityContext/runAsNonRoot").booleanValue()).isTrue();
            assertThat(pod.at("/securityContext/runAsUser").intValue()).isPositive();
            assertThat(pod.at("/securityContext/seccompProfile/type").textValue())
                    .isEqualTo("RuntimeDefault");
            assertThat(pod.get("automountServiceAccountToken").booleanValue()).isFalse();
            assertThat(pod.get("containers")).allSatisfy(container -> {
                JsonNode security = container.get("securityContext");
                assertThat(security.get("readOnlyRootFilesystem").booleanValue())
                        .isTrue();
                assertThat(security.get("allowPrivilegeEscalation").asBoolean(true))
                        .isFalse();
                assertThat(security.at("/capabilities/drop/0").textValue()).isEqualTo("ALL");
                assertThat(container.at("/resources/limits/memory"))
                        .isEqualTo(container.at("/resources/requests/memory"))
                        .isNotNull();
                assertThat(List.of("startupProbe", "livenessProbe", "readinessProbe"))
                        .allMatch(container::has);
            });
        });
    }

    @Test
    void a_pod_is_killed_later_than_its_worker_gives_up_by_itself() {
        JsonNode worker = resource("Deployment", "task-queue-worker").at("/spec/template/spec");
        JsonNode before = worker.at("/containers/0/lifecycle/preStop/exec/command");
        assertThat(before.get(0).textValue()).isEqualTo("sleep");
        String given = resource("ConfigMap", "task-queue-worker")
                .at("/data/WORKER_SHUTDOWN_GRACE")
                .textValue();
        assertGrace(worker.get("terminationGracePeriodSeconds").intValue(), before, given);
        // And as the example changes both.
        JsonNode example =
                documents(FOLDER.resolve("example/kustomization.yaml")).get(0);
        Map<String, JsonNode> changed = new HashMap<>();
        for (JsonNode patch : example.get("patches")) {
            JsonNode steps = JSON.valueToTree(new Yaml().load(patch.get("patch").textValue()));
            steps.forEach(step -> changed.put(step.get("path").textValue(), step.get("value")));
        }
        assertGrace(
                changed.get("/spec/template/spec/terminationGracePeriodSeconds").intValue(),
                before,
                changed.get("/data/WORKER_SHUTDOWN_GRACE").textValue());
        assertThat(changed.get("/spec/advanced/scalingModifiers/target"))
                .isEqualTo(changed.get("/data/WORKER_CONCURRENCY"));
    }

    private static void assertGrace(int pod, JsonNode before, String worker) {
        long left = pod
                - Long.parseLong(before.get(1).textValue())
                - Durations.parse(worker).orElseThrow().toSeconds();
        assertThat(left).isBetween(15L, 60L);
    }

    @Test
    void every_setting_is_one_that_there_is() throws IOException {
        Set<String> known = settings(".env.example");
        for (String name : List.of("task-queue", "task-queue-worker")) {
            resource("ConfigMap", name)
                    .get("data")
                    .fieldNames()
                    .forEachRemaining(setting -> assertThat(known).contains(setting));
        }
    }

    @Test
    void the_probes_ask_what_the_worker_serves() {
        JsonNode worker = resource("Deployment", "task-queue-worker").at("/spec/template/spec/containers/0");
        assertThat(worker.at("/livenessProbe/httpGet/path").textValue()).isEqualTo("/healthz");
        assertThat(worker.at("/startupProbe/httpGet/path").textValue()).isEqualTo("/healthz");
        assertThat(worker.at("/readinessProbe/httpGet/path").textValue()).isEqualTo("/readyz");
        assertThat(worker.at("/ports/0/containerPort").intValue()).isEqualTo(2112);
    }

    @Test
    void the_scaler_counts_what_is_ready_runs_and_is_due_and_keeps_one_worker() throws IOException {
        JsonNode spec = resource("ScaledObject", "task-queue-worker").get("spec");
        assertThat(spec.at("/scaleTargetRef/name").textValue())
                .isEqualTo(resource("Deployment", "task-queue-worker")
                        .at("/metadata/name")
                        .textValue());
        assertThat(spec.get("minReplicaCount").intValue()).isEqualTo(1);
        Set<String> counted = new TreeSet<>();
        String openApi = Files.readString(
                Path.of("../task-queue-client/src/main/resources/dev/taskqueue/dashboard/openapi.json"));
        String queue =
                resource("ConfigMap", "task-queue").at("/data/QUEUE_NAME").textValue();
        String host = resource("Deployment", "task-queue-dashboard")
                .at("/spec/template/spec/containers/0/env/0/value")
                .textValue();
        for (JsonNode trigger : spec.get("triggers")) {
            assertThat(trigger.get("type").textValue()).isEqualTo("metrics-api");
            String name = trigger.get("name").textValue();
            counted.add(name);
            assertThat(trigger.at("/metadata/valueLocation").textValue())
                    .isEqualTo("queues.#(queue==\"" + queue + "\")." + name);
            assertThat(openApi).contains("\"" + name + "\"");
            assertThat(trigger.at("/metadata/url").textValue())
                    .isEqualTo("http://" + host.split(",")[1] + ":8080/api/queues");
            assertThat(trigger.at("/authenticationRef/name").textValue())
                    .isEqualTo(resource("TriggerAuthentication", "task-queue-dashboard")
                            .at("/metadata/name")
                            .textValue());
        }
        assertThat(counted).containsExactlyInAnyOrder("ready", "processing", "overdue");
        assertThat(Set.of(spec.at("/advanced/scalingModifiers/formula")
                        .textValue()
                        .split(" \\+ ")))
                .isEqualTo(counted);
    }
}
