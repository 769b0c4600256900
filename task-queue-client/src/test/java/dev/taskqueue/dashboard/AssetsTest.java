package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page comes whole, from here alone, and nothing else comes with it. */
class AssetsTest {

    /** What a module or a style sheet asks for, beside itself. */
    private static final Pattern IMPORTED = Pattern.compile(
            "(?m)(?:(?:^|;)\\s*(?:(?:import|export)[^;\"'=]*from|import)\\s*|\\bimport\\(\\s*|\\burl\\()[\"']([^\"'#]+)[\"']");

    /** What the page asks for, beside itself. */
    private static final Pattern LINKED = Pattern.compile("\\b(?:src|href)=\"([^\"#$]+)\"");

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() {
        broker = redis.broker();
        // Files are served without a token.
        server = TestDashboard.serve(TestDashboard.withTokens(Dashboard.of(broker)));
    }

    @AfterEach
    void close() {
        server.close();
        broker.close();
    }

    private static List<String> found(Pattern pattern, String text, String base) {
        return pattern.matcher(text)
                .results()
                .map(result -> result.group(1))
                .filter(name -> !name.startsWith("api/") && !name.startsWith("data:"))
                .map(name -> URI.create(base).resolve(name).toString())
                .toList();
    }

    @Test
    void every_file_that_a_file_of_the_page_asks_for_is_served() {
        Set<String> seen = new TreeSet<>();
        Deque<String> left = new ArrayDeque<>(Set.of("/", "/sign-in"));
        while (!left.isEmpty()) {
            String path = left.remove();
            if (!seen.add(path)) {
                continue;
            }
            TestDashboard.Answer answer = server.get(path);
            assertThat(answer.status()).as(path).isEqualTo(200);
            assertThat(answer.header("Content-Type"))
                    .as(path)
                    .startsWith(
                            path.endsWith(".js")
                                    ? "text/javascript"
                                    : path.endsWith(".css")
                                            ? "text/css"
                                            : path.endsWith(".svg") ? "image/svg+xml" : "text/html");
            assertThat(answer.response().body()).as(path).isNotBlank().doesNotContain("sourceMappingURL");
            String body = answer.response().body();
            left.addAll(found(IMPORTED, body, path));
            left.addAll(found(LINKED, body, "/"));
        }
        assertThat(seen)
                .contains(
                        "/assets/app.js",
                        "/assets/style.css",
                        "/assets/icon.svg",
                        "/assets/uplot.js",
                        "/assets/uplot.css",
                        "/assets/pages/dead.js",
                        "/assets/lit/lit-html.js",
                        "/assets/lit/directives/repeat.js")
                .hasSizeGreaterThan(25)
                .noneMatch(path -> path.contains(":"));
    }

    @Test
    void a_file_is_sent_again_only_if_it_has_changed() {
        TestDashboard.Answer first = server.get("/assets/app.js");
        String tag = first.header("ETag");
        assertThat(tag).matches("\"[0-9a-f]{16}\"");
        assertThat(first.header("Cache-Control")).isEqualTo("no-cache");
        for (String known : new String[] {tag, "W/" + tag, "\"other\", " + tag, "*"}) {
            TestDashboard.Answer again = server.get("/assets/app.js", "If-None-Match", known);
            assertThat(again.status()).as(known).isEqualTo(304);
            assertThat(again.response().body()).isEmpty();
            assertThat(again.header("ETag")).isEqualTo(tag);
            assertThat(again.header("Content-Security-Policy")).contains("script-src 'self'");
        }
        for (String other : new String[] {"\"other\"", "", tag.substring(0, 9), "app.js"}) {
            assertThat(server.get("/assets/app.js", "If-None-Match", other).status())
                    .as(other)
                    .isEqualTo(200);
        }
        assertThat(server.get("/assets/style.css", "If-None-Match", tag).status())
                .isEqualTo(200);
    }

    @Test
    void its_head_alone_can_be_asked_for() {
        TestDashboard.Answer whole = server.get("/assets/app.js");
        TestDashboard.Answer head = server.send("HEAD", "/assets/app.js", "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.response().body()).isEmpty();
        assertThat(head.header("Content-Length")).isEqualTo(whole.header("Content-Length"));
        assertThat(head.header("ETag")).isEqualTo(whole.header("ETag"));
        assertThat(server.send("HEAD", "/assets/app.js", "", "If-None-Match", whole.header("ETag"))
                        .status())
                .isEqualTo(304);
        assertThat(server.send("POST", "/assets/app.js", "").status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nothing.js",
                "app",
                "app.js/",
                "/app.js",
                "APP.js",
                "app.js.map",
                "app.class",
                "lit",
                "lit/",
                "lit/package.json",
                "lit/lit-html.js.map",
                "lit/lit-html.d.ts",
                "lit/development/lit-html.js",
                "lit/node/lit-html.js",
                "openapi.json",
                "webjars.properties",
                "Assets.class",
                "..%2Fopenapi.json",
                "..%2F..%2Flogback.xml",
                "../../logback.xml",
                "pages%2F..%2Fapp.js",
                "..%5Capp.js",
                "lit/..%2f..%2fuplot/1.6.32/dist/uPlot.esm.js",
                "app.js%00",
                "app.js%0A",
                "%00app.js",
                "a/b/c/d.js",
                "uplot/dist/uPlot.esm.js",
                "%c0%ae%c0%ae/app.js"
            })
    void nothing_else_is_served(String name) {
        TestDashboard.Answer answer = server.get("/assets/" + name);
        assertThat(answer.status()).isIn(400, 404);
        assertThat(answer.header("ETag")).isEmpty();
        assertThat(new Assets().find(name)).isEmpty();
    }

    /** The server may follow dots itself, but no further than a browser would have. */
    @ParameterizedTest
    @ValueSource(strings = {"./app.js", "pages/../app.js", "pages/%2e%2e/app.js", ".%2fapp.js"})
    void dots_lead_to_files_of_the_page_or_nowhere(String name) {
        TestDashboard.Answer answer = server.get("/assets/" + name);
        assertThat(answer.status()).isIn(200, 400, 404);
        if (answer.status() == 200) {
            assertThat(answer.header("ETag"))
                    .isEqualTo(server.get("/assets/app.js").header("ETag"));
        }
        assertThat(new Assets().find(name)).isEmpty();
    }

    @Test
    void it_is_found_below_another_path_too() {
        assertThat(server.get("/").response().body()).doesNotContain("=\"/");
        assertThat(server.get("/sign-in").response().body()).doesNotContain("=\"/");
    }

    @ParameterizedTest
    @CsvSource({"lit/lit-html.js, text/javascript", "uplot.css, text/css", "icon.svg, image/svg+xml"})
    void what_is_a_librarys_has_its_type_and_an_entity_tag(String name, String type) {
        TestDashboard.Answer answer = server.get("/assets/" + name);
        assertThat(answer.header("Content-Type")).startsWith(type);
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("ETag")).isNotEmpty();
    }
}
