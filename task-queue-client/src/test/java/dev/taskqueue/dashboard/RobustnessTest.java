package dev.taskqueue.dashboard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that stall, flood or never listen: whoever asks properly is answered all the while. */
@Execution(ExecutionMode.CONCURRENT)
class RobustnessTest {

    private static final int MANY = 1_000;
    private static final String HEAD = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final List<Socket> sockets = new ArrayList<>();
    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() {
        broker = redis.broker();
        server = TestDashboard.serve(Dashboard.of(broker));
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
        broker.close();
    }

    private Socket send(String text) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        sockets.add(socket);
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        return socket;
    }

    private static String answer(Socket socket) throws IOException {
        socket.setSoTimeout(60_000);
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    private static boolean hasEnded(Socket socket) {
        try {
            socket.setSoTimeout(1);
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private void assertAnswers() throws IOException {
        assertThat(answer(send("GET /api/queues" + HEAD + "\r\n"))).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /api/queues HTTP/1.1\r\nHost: lo",
                "POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{",
                "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
            })
    void a_thousand_connections_that_do_not_go_on_keep_nobody_out_and_end_by_themselves(String beginning)
            throws IOException {
        for (int i = 0; i < MANY; i++) {
            send(beginning);
        }
        await().atMost(Duration.ofSeconds(60)).untilAsserted(this::assertAnswers);
        await().atMost(Duration.ofSeconds(90)).until(() -> sockets.stream().allMatch(RobustnessTest::hasEnded));
    }

    @Test
    void the_oldest_connection_gives_way_to_the_newest() throws IOException {
        for (int i = 0; i < SlowConnections.MAX + 100; i++) {
            send("GET /");
        }
        assertAnswers();
        await().atMost(Duration.ofSeconds(60)).until(() -> hasEnded(sockets.get(0)));
    }

    @Test
    void a_head_that_comes_byte_by_byte_ends() throws Exception {
        Socket slow = send("GET /api/queues HTTP/1.1\r\nX: ");
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    try {
                        slow.getOutputStream().write('x');
                    } catch (IOException e) {
                        // As it should.
                    }
                    return hasEnded(slow);
                });
        assertAnswers();
    }

    @Test
    void a_head_of_a_megabyte_is_refused() throws IOException {
        Socket socket = send("GET /api/queues" + HEAD);
        flood(socket, "X: " + "x".repeat(1 << 20));
        await().atMost(Duration.ofSeconds(5)).until(() -> hasEnded(socket));
        assertAnswers();
        assertThat(answer(send("GET /api/queues" + HEAD + "X: " + "x".repeat(20_000) + "\r\n\r\n")))
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    void a_body_of_a_hundred_megabytes_is_refused_whether_it_says_so_or_not() throws IOException {
        String post = "POST /api/tasks" + HEAD + "Content-Type: application/json\r\n";
        Socket said = send(post + "Content-Length: 104857600\r\n\r\n");
        assertThat(answer(said)).startsWith("HTTP/1.1 413 ");
        Socket chunked = send(post + "Transfer-Encoding: chunked\r\n\r\n");
        String chunk = "100000\r\n" + " ".repeat(1 << 20) + "\r\n";
        long sent = 0;
        for (int i = 0; i < 100 && sent == (long) i * chunk.length(); i++) {
            sent += flood(chunked, chunk);
        }
        assertThat(sent).isLessThan(100L * chunk.length());
        assertAnswers();
    }

    /** Returns how many characters went out before the server would not listen any more. */
    private static int flood(Socket socket, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        int sent = 0;
        try {
            OutputStream out = socket.getOutputStream();
            for (; sent < bytes.length; sent += Math.min(8_192, bytes.length - sent)) {
                out.write(bytes, sent, Math.min(8_192, bytes.length - sent));
            }
        } catch (IOException e) {
            // It has said why, and ended the connection.
        }
        return sent;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/tasks/<b>" + HEAD + "\r\n",
                "GET /api/tasks/%ff" + HEAD + "\r\n",
                "GET /../../etc/passwd" + HEAD + "\r\n",
                "GET /api/tasks/%00" + HEAD + "\r\n",
                "POST /api/tasks" + HEAD
                        + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n",
                "POST /api/tasks" + HEAD + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                "POST /api/tasks" + HEAD + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET /api/queues HTTP/1.1\nHost: localhost\nConnection: close\n\n",
                "GET http://evil.example.com/api/queues" + HEAD + "\r\n",
                "nonsense\r\n\r\n"
            })
    void what_is_no_proper_request_is_refused_as_such(String request) throws IOException {
        String answer = answer(send(request));
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json");
    }
}
