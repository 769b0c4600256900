package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Cron;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The document and the server say the same: of routes, roles, parameters, and the fields of what is answered. */
class OpenApiTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final JsonNode document = read();

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(Assets.read("openapi.json"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What is said of an operation, as of a route: role and parameters. */
    private static String line(String role, TreeSet<String> parameters) {
        return role + " " + parameters;
    }

    @Test
    void every_route_is_in_the_document_and_every_operation_is_a_route() {
        Map<String, String> said = new TreeMap<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    TreeSet<String> parameters = new TreeSet<>();
                    operation.getValue().path("parameters").forEach(parameter -> {
                        String name = parameter.get("name").textValue();
                        if (parameter.get("in").textValue().equals("query")) {
                            parameters.add(name);
                        } else {
                            assertThat(path.getKey()).contains("{" + name + "}");
                        }
                    });
                    said.put(
                            operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                            line(operation.getValue().get("x-role").textValue(), parameters));
                }));
        Map<String, String> served = new TreeMap<>();
        try (RedisBroker broker = redis.broker()) {
            Dashboard.of(broker)
                    .build()
                    .routes()
                    .forEach(route -> served.put(
                            route.method() + " " + route.template(),
                            line(route.role().wireName(), new TreeSet<>(route.parameters()))));
        }
        assertThat(said).isEqualTo(served);
    }

    @Test
    void what_is_answered_has_the_fields_that_the_document_says() throws Exception {
        try (RedisBroker broker = redis.broker();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker).redact(List.of("/card")))) {
            fill(broker);
            String queue = redis.queue();
            Map<String, String> bodies = new HashMap<>();
            bodies.put("POST /api/tasks", "{\"type\":\"t\",\"id\":\"new\"}");
            bodies.put("POST /api/dead/retry", "{\"ids\":[\"raw-x\",\"gone\"],\"dry_run\":true}");
            bodies.put("POST /api/dead/delete", "{\"all\":true,\"limit\":1}");
            bodies.put("POST /api/queues/{queue}/purge", "{\"all\":true,\"limit\":1}");
            bodies.put("POST /api/queues/{queue}/move", "{\"all\":true,\"to\":\"" + queue + "\",\"dry_run\":true}");
            bodies.put("PUT /api/crons/{name}", "{\"spec\":\"@daily\",\"type\":\"t\",\"payload\":{\"card\":1}}");
            List<String> asked = new ArrayList<>();
            Worker worker = Worker.of(broker).handler("t", task -> "done").start();
            try {
                broker.await(broker.enqueue("t", Map.of("card", 1)).id(), Duration.ofSeconds(20));
                await().until(() -> !broker.workers().isEmpty()
                        && broker.workers().get(0).details().isPresent());
                for (String method : List.of("get", "put", "post", "delete")) {
                    document.get("paths").properties().forEach(path -> {
                        JsonNode operation = path.getValue().get(method);
                        if (operation == null || !path.getKey().startsWith("/api/")) {
                            return;
                        }
                        String name = method.toUpperCase(Locale.ROOT) + " " + path.getKey();
                        String target = path.getKey()
                                .replace("{queue}", queue)
                                .replace("{id}", id(path.getKey()))
                                .replace("{name}", "nightly")
                                .replace("{worker}", broker.workers().get(0).name());
                        target += path.getKey().equals("/api/cron-preview") ? "?spec=@hourly" : "";
                        TestDashboard.Answer answer =
                                server.send(method.toUpperCase(Locale.ROOT), target, bodies.getOrDefault(name, ""));
                        JsonNode response = operation.get("responses").get(Integer.toString(answer.status()));
                        assertThat(response)
                                .as(name + " answered " + answer.response().body())
                                .isNotNull();
                        check(answer.json(), response.at("/content/application~1json/schema"), name);
                        asked.add(name);
                    });
                }
            } finally {
                worker.close();
            }
            assertThat(asked).hasSizeGreaterThan(30);
            check(server.get("/api/nothing").json(), document.at("/components/schemas/Problem"), "problem");
            check(server.get("/api/tasks?limit=x").json(), document.at("/components/schemas/Problem"), "problem");
        }
    }

    /** One that is there yet when it is its turn. */
    private static String id(String path) {
        return path.contains("dead") ? "d1" : path.endsWith("/run") ? "later2" : "later";
    }

    private void fill(RedisBroker broker) {
        broker.enqueue(Task.of("t", Map.of("card", 1)).withId("later").in(Duration.ofHours(1)));
        broker.enqueue(Task.of("t", 2).withId("later2").in(Duration.ofHours(1)));
        broker.crons().put(Cron.of("nightly", "@daily", "t", null));
        redis.client()
                .lpush(
                        redis.key("dead"),
                        "{\"id\":\"d1\",\"type\":\"t\",\"payload\":{\"card\":1},\"retry\":3,\"reason\":\"retries exhausted\",\"last_error\":\"no\",\"died_at\":1000}",
                        "garbage");
        assertThat(broker.status("later").orElseThrow().state()).isEqualTo(TaskState.SCHEDULED);
    }

    /** Every field is one of the schema's, of its type, and none that is required is missing. */
    private void check(JsonNode value, JsonNode schema, String where) {
        if (schema.has("$ref")) {
            check(value, document.at(schema.get("$ref").textValue().substring(1)), where);
            return;
        }
        if (!schema.has("type")) {
            return;
        }
        boolean fits = switch (schema.get("type").textValue()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            default -> value.isBoolean();
        };
        assertThat(fits)
                .as(where + " is " + value + ", not " + schema.get("type"))
                .isTrue();
        if (schema.has("enum")) {
            assertThat(schema.get("enum")).as(where).contains(value);
        }
        schema.path("required")
                .forEach(name -> assertThat(value.has(name.textValue()))
                        .as(where + " has " + name + ": " + value)
                        .isTrue());
        value.forEach(element -> {
            if (value.isArray()) {
                check(element, schema.get("items"), where + "[]");
            }
        });
        if (schema.has("properties")) {
            value.properties().forEach(field -> {
                JsonNode known = schema.get("properties").get(field.getKey());
                assertThat(known)
                        .as(where + "." + field.getKey() + " is in the schema")
                        .isNotNull();
                check(field.getValue(), known, where + "." + field.getKey());
            });
        }
    }
}
