package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.worker.WorkerHealth;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.GaugeMetricFamily;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The HTTP server under clients that stall, flood or never listen: a probe is answered all the while. */
@Execution(ExecutionMode.CONCURRENT)
class HttpAttackTest {

    private static final int MANY = 1_000;

    private final CollectorRegistry registry = new CollectorRegistry();
    private final WorkerHealth health = new WorkerHealth(List.of(), List.of());
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

    private void assertIsStillOpen(Socket socket) {
        assertThat(RawHttp.hasEnded(socket))
                .as("ended before the probe was answered")
                .isFalse();
    }

    private void assertThatTheOldestGaveWay() {
        await().atMost(RawHttp.PATIENCE)
                .until(() -> RawHttp.hasEnded(client.sockets().get(0)));
        assertIsStillOpen(client.sockets().get(MANY - 1));
    }

    @Test
    void a_thousand_connections_that_say_nothing_keep_nobody_out() throws IOException {
        for (int i = 0; i < MANY; i++) {
            client.connect();
        }
        client.awaitAlive();
        assertThatTheOldestGaveWay();
    }

    @Test
    void a_thousand_requests_that_do_not_end_keep_nobody_out() throws IOException {
        for (int i = 0; i < MANY; i++) {
            client.send("GET /healthz HTTP/1.1\r\nHost: he");
        }
        client.awaitAlive();
        assertThatTheOldestGaveWay();
    }

    @Test
    void a_few_requests_that_do_not_end_keep_nobody_out_and_end_by_themselves() throws IOException {
        for (int i = 0; i < 10; i++) {
            client.send("GET /metrics HTTP/1.1\r\n");
        }
        client.awaitAlive();
        client.sockets().forEach(this::assertIsStillOpen);
        for (Socket socket : client.sockets()) {
            await().atMost(RawHttp.PATIENCE).until(() -> RawHttp.hasEnded(socket));
        }
    }

    @Test
    void a_connection_that_says_nothing_ends_by_itself() throws IOException {
        Socket silent = client.connect();
        await().atMost(RawHttp.PATIENCE).until(() -> RawHttp.hasEnded(silent));
    }

    @Test
    void headers_that_come_byte_by_byte_do_not_prolong_a_request() throws Exception {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            slow.add(client.send("GET /healthz HTTP/1.1\r\nX: "));
        }
        client.awaitAlive();
        slow.forEach(this::assertIsStillOpen);
        await().atMost(RawHttp.PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
            for (Socket socket : slow) {
                try {
                    socket.getOutputStream().write('x');
                } catch (IOException e) {
                    // As it should.
                }
            }
            return slow.stream().allMatch(RawHttp::hasEnded);
        });
    }

    @Test
    void a_huge_head_is_refused_while_it_comes() throws IOException {
        Socket socket = client.connect();
        byte[] part = "x".repeat(64 << 10).getBytes(ISO_8859_1);
        socket.getOutputStream().write("GET /healthz HTTP/1.1\r\nX: ".getBytes(ISO_8859_1));
        long sent = 0;
        try {
            while (sent < 64 << 20) {
                socket.getOutputStream().write(part);
                sent += part.length;
            }
        } catch (IOException e) {
            // It would not listen to all of it.
        }
        assertThat(sent).isLessThan(64 << 20);
        client.awaitAlive();
        assertThat(client.ask("GET /healthz HTTP/1.1\r\nX: " + "x".repeat(10_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    void a_body_of_a_hundred_megabytes_is_not_read() throws Exception {
        CountDownLatch refused = new CountDownLatch(1);
        Socket socket = client.send("GET /healthz HTTP/1.1\r\nContent-Length: 104857600\r\nConnection: close\r\n\r\n");
        Thread sender = new Thread(() -> {
            byte[] part = new byte[64 << 10];
            try {
                for (int sent = 0; sent < 100 << 20; sent += part.length) {
                    socket.getOutputStream().write(part);
                }
            } catch (IOException e) {
                refused.countDown();
            }
        });
        sender.setDaemon(true);
        sender.start();
        client.awaitAlive();
        assertThat(refused.await(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void clients_that_never_read_the_answer_keep_nobody_out() throws Exception {
        // More than the buffers of a connection hold.
        registry.register(new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                return List.of(new GaugeMetricFamily("large", "x".repeat(20 << 20), 1));
            }
        });
        for (int i = 0; i < 10; i++) {
            client.send("GET /metrics HTTP/1.1\r\n\r\n");
        }
        client.awaitAlive();
        Socket last = client.sockets().get(9);
        await().atMost(RawHttp.PATIENCE).until(() -> last.getInputStream().read() == 'H');
        client.awaitAlive();
        await().atMost(RawHttp.PATIENCE).until(() -> RawHttp.refusesToRead(last));
    }
}
