package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.worker.WorkerHealth;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered to whom: probes, metrics, and what is neither. */
class OpsServerTest {

    private final CollectorRegistry registry = new CollectorRegistry();
    private volatile WorkerHealth health = new WorkerHealth(List.of(), List.of());
    private OpsServer server;
    private RawHttp client;

    @BeforeEach
    void open() throws IOException {
        server = new OpsServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), registry, () -> health);
        client = new RawHttp(server.port());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        client.close();
    }

    private String ask(String method, String path) throws IOException {
        return client.ask(method + " " + path + " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    }

    @Test
    void says_what_keeps_the_worker_from_its_job() throws IOException {
        assertThat(ask("GET", "/healthz")).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nalive\n");
        assertThat(ask("GET", "/readyz?verbose")).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nready\n");
        health = new WorkerHealth(List.of(), List.of("Redis is unavailable"));
        assertThat(ask("GET", "/healthz")).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nalive\n");
        assertThat(ask("GET", "/readyz")).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\nRedis is unavailable\n");
        health = new WorkerHealth(List.of("one", "two"), List.of("one", "two", "three"));
        assertThat(ask("GET", "/healthz")).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\none\ntwo\n");
        assertThat(ask("GET", "/readyz")).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\none\ntwo\nthree\n");
    }

    @Test
    void readiness_tells_each_queue_where_there_are_several() throws IOException {
        health = new WorkerHealth(List.of(), List.of(), Map.of("b", List.of(), "a", List.of()));
        assertThat(ask("GET", "/readyz"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("\r\n\r\nready\nqueue a: ready\nqueue b: ready\n");
        assertThat(ask("GET", "/healthz")).endsWith("\r\n\r\nalive\n");
        health = new WorkerHealth(
                List.of(), List.of(), Map.of("a", List.of()), Map.of("a", "paused by ann@web-1: migration"));
        assertThat(ask("GET", "/readyz"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("\r\n\r\nready\nqueue a: paused by ann@web-1: migration\n");
        health = new WorkerHealth(List.of(), List.of("why"), Map.of("b", List.of(), "a", List.of("why")));
        assertThat(ask("GET", "/readyz"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("\r\n\r\nwhy\nqueue a: not ready\nqueue b: ready\n");
    }

    @Test
    void a_health_that_cannot_be_told_is_bad_health() throws IOException {
        health = null;
        assertThat(ask("GET", "/healthz")).startsWith("HTTP/1.1 503 ");
    }

    @Test
    void serves_metrics_in_the_format_that_is_asked_for() throws IOException {
        Gauge.build("answer", "The answer.").register(registry).set(42);
        assertThat(ask("GET", "/metrics"))
                .startsWith("HTTP/1.1 200 ")
                .contains("Content-Type: text/plain; version=0.0.4")
                .contains("\nanswer 42.0\n");
        assertThat(client.ask("GET /metrics HTTP/1.1\r\naccept: application/openmetrics-text\r\n"
                        + "Connection: close\r\n\r\n"))
                .contains("Content-Type: application/openmetrics-text")
                .endsWith("# EOF\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metricsfoo", "/healthz/x", "/readyz/", "/health", "//healthz", "*", "/%68ealthz"})
    void unknown_paths_are_not_found(String path) throws IOException {
        assertThat(ask("GET", path)).startsWith("HTTP/1.1 404 ");
        assertThat(ask("POST", path)).startsWith("HTTP/1.1 404 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "FOO"})
    void other_methods_are_not_allowed(String method) throws IOException {
        for (String path : List.of("/metrics", "/healthz", "/readyz")) {
            assertThat(ask(method, path)).startsWith("HTTP/1.1 405 ").contains("\r\nAllow: GET, HEAD\r\n");
        }
    }

    @Test
    void head_is_get_without_a_body() throws IOException {
        for (String path : List.of("/metrics", "/healthz", "/readyz", "/nowhere")) {
            String get = ask("GET", path);
            String head = ask("HEAD", path);
            assertThat(head).startsWith(get.substring(0, 12)).endsWith("\r\n\r\n");
            assertThat(head.indexOf("\r\n\r\n")).isEqualTo(head.length() - 4);
            assertThat(head).containsPattern("(?i)content-length: \\d");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "healthz, 400",
        "GET /healthz, 400",
        "GET  /healthz HTTP/1.1, 400",
        "GET /healthz HTTP/2.0, 400",
        "PRI * HTTP/2.0, 400",
        "\u0016\u0003\u0001, 400",
        "GET http://there/healthz HTTP/1.1, 200"
    })
    void what_is_no_request_is_refused(String line, int status) throws IOException {
        assertThat(client.ask(line + "\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 " + status);
    }

    @Test
    void empty_lines_before_a_request_and_bare_line_feeds_do_no_harm() throws IOException {
        assertThat(client.ask("\r\n\r\nGET /healthz HTTP/1.1\nConnection: close\n\n"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("alive\n");
    }

    @Test
    void a_body_does_not_hide_the_answer() throws IOException {
        assertThat(client.ask("POST /metrics HTTP/1.1\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n"
                        + "x".repeat(300_000)))
                .startsWith("HTTP/1.1 405 ");
        assertThat(client.ask("GET /healthz HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "fffffff\r\n" + "x".repeat(100_000)))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void garbage_behind_a_request_is_thrown_away() throws IOException {
        String garbage = "\r\nfoo\u0000\u00ff bar".repeat(1_000);
        assertThat(client.ask("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n" + garbage))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("\r\n\r\nalive\n");
    }

    @Test
    void a_collector_that_hangs_holds_up_scrapes_alone() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        registry.register(new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return List.of();
            }
        });
        List<Socket> scrapers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            scrapers.add(client.send("GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n"));
        }
        client.awaitAlive();
        assertThat(ask("GET", "/readyz")).startsWith("HTTP/1.1 200 ");
        assertThat(release.getCount()).isOne();
        release.countDown();
        for (Socket scraper : scrapers) {
            assertThat(RawHttp.answer(scraper, RawHttp.PATIENCE)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void a_collector_that_fails_is_told_and_the_probes_go_on() throws IOException {
        registry.register(new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                throw new IllegalStateException("as planned");
            }
        });
        assertThat(ask("GET", "/metrics")).startsWith("HTTP/1.1 500 ");
        assertThat(ask("GET", "/metrics")).startsWith("HTTP/1.1 500 ");
        assertThat(ask("GET", "/healthz")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void closing_ends_every_connection_and_every_thread() throws Exception {
        Socket open = client.send("GET /healthz HTTP/1.1\r\n");
        client.awaitAlive();
        server.close();
        await().atMost(RawHttp.PATIENCE).until(() -> RawHttp.hasEnded(open));
        await().atMost(RawHttp.PATIENCE)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("task-queue-http")
                                || thread.getName().startsWith("task-queue-metrics")));
    }
}
