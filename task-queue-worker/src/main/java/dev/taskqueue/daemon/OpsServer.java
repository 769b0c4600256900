package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** What whoever operates the worker asks over HTTP: {@code /metrics}, {@code /healthz}, {@code /readyz}. */
final class OpsServer implements AutoCloseable {

    private static final int THREADS = 3;

    private final CollectorRegistry registry;
    private final BooleanSupplier ready;
    private final HttpServer server;
    private final ExecutorService threads;

    /**
     * @throws IOException if the address cannot be bound
     */
    OpsServer(InetSocketAddress address, CollectorRegistry registry, BooleanSupplier ready) throws IOException {
        this.registry = registry;
        this.ready = ready;
        server = HttpServer.create(address, 0);
        AtomicInteger count = new AtomicInteger();
        threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "task-queue-http-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/metrics", this::metrics);
        server.createContext("/healthz", exchange -> answer(exchange, 200, "text/plain", "alive\n"));
        server.createContext("/readyz", this::readiness);
        server.createContext(
                "/", exchange -> answer(exchange, 404, "text/plain", "try /metrics, /healthz or /readyz\n"));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void metrics(HttpExchange exchange) throws IOException {
        String contentType =
                TextFormat.chooseContentType(exchange.getRequestHeaders().getFirst("Accept"));
        StringWriter text = new StringWriter();
        TextFormat.writeFormat(contentType, text, registry.metricFamilySamples());
        answer(exchange, 200, contentType, text.toString());
    }

    private void readiness(HttpExchange exchange) throws IOException {
        if (ready.getAsBoolean()) {
            answer(exchange, 200, "text/plain", "ready\n");
        } else {
            answer(exchange, 503, "text/plain", "not ready: Redis does not answer, or the worker takes nothing new\n");
        }
    }

    private static void answer(HttpExchange exchange, int status, String contentType, String text) throws IOException {
        try (exchange) {
            boolean bodiless = exchange.getRequestMethod().equals("HEAD");
            byte[] body = text.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", contentType);
            exchange.sendResponseHeaders(status, bodiless ? -1 : body.length);
            if (!bodiless) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
