package dev.taskqueue.dashboard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a page of another site can have a browser send is refused, with a token too. */
class ForeignPagesTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() {
        broker = redis.broker();
        server = TestDashboard.serve(
                TestDashboard.withTokens(Dashboard.of(broker)).host("queue.example.com"));
    }

    @AfterEach
    void close() {
        server.close();
        broker.close();
    }

    private int ask(String method, String path, String headers) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            String request = method + " " + path + " HTTP/1.1\r\nAuthorization: Bearer " + TestDashboard.ADMIN
                    + "\r\nContent-Length: 0\r\nConnection: close\r\n" + headers + "\r\n";
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "LOCALHOST:8080, 200",
        "127.0.0.1:1, 200",
        "127.9.9.9, 200",
        "[::1]:8080, 200",
        "queue.example.com, 200",
        "Queue.Example.com:443, 200",
        "evil.example.com, 403",
        "localhost.evil.com, 403",
        "127.0.0.1.evil.com, 403",
        "queue.example.com.evil.com, 403",
        "1.2.3.4, 403"
    })
    void a_host_must_be_ours(String host, int status) throws IOException {
        assertThat(ask("GET", "/api/queues", "Host: " + host + "\r\n")).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "Origin: http://localhost:1, 200",
        "Origin: https://localhost:1, 200",
        "Origin: http://localhost:2, 403",
        "Origin: http://evil.example.com, 403",
        "Origin: null, 403",
        "Sec-Fetch-Site: same-origin, 200",
        "Sec-Fetch-Site: none, 200",
        "Sec-Fetch-Site: same-site, 403",
        "Sec-Fetch-Site: cross-site, 403",
        "X-Other: 1, 200"
    })
    void an_action_must_come_from_our_own_page_or_none(String header, int status) throws IOException {
        String path = "/api/queues/" + redis.queue() + "/resume";
        assertThat(ask("POST", path, "Host: localhost:1\r\n" + header + "\r\n")).isEqualTo(status);
        // What only looks cannot be read by another origin, and changes nothing.
        assertThat(ask("GET", "/api/queues", "Host: localhost:1\r\n" + header + "\r\n"))
                .isEqualTo(200);
    }

    @Test
    void no_host_or_two_are_refused() throws IOException {
        assertThat(ask("GET", "/api/queues", "")).isEqualTo(400);
        assertThat(ask("GET", "/api/queues", "Host: localhost\r\nHost: localhost\r\n"))
                .isEqualTo(400);
    }

    @Test
    void a_form_cannot_act() {
        assertThat(server.send("POST", "/api/dead/delete", "", TestDashboard.token(TestDashboard.ADMIN))
                        .status())
                .isEqualTo(400);
        assertThat(server.send(
                                "POST",
                                "/api/dead/delete",
                                "{\"all\":true}",
                                "Authorization",
                                "Bearer " + TestDashboard.ADMIN,
                                "Content-Type",
                                "text/plain")
                        .status())
                .isEqualTo(415);
    }

    @Test
    void every_answer_tells_browsers_to_be_careful() {
        for (String path : new String[] {"/", "/sign-in", "/api/queues", "/nothing"}) {
            TestDashboard.Answer answer = server.get(path);
            assertThat(answer.header("Content-Security-Policy"))
                    .contains("default-src 'none'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
            // The page itself holds nothing of anybody, and is asked for again each time.
            assertThat(answer.header("Cache-Control"))
                    .isEqualTo(path.equals("/") || path.equals("/sign-in") ? "no-cache" : "no-store");
            assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
            assertThat(answer.header("Server")).isEmpty();
        }
    }
}
