package dev.taskqueue.daemon;

import dev.taskqueue.worker.WorkerHealth;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** What whoever operates the worker asks over HTTP: {@code /metrics}, {@code /healthz}, {@code /readyz}. */
final class OpsServer implements AutoCloseable {

    private final Supplier<WorkerHealth> health;
    private final Scraper scraper;
    private final HttpListener listener;

    /**
     * Begins to serve.
     *
     * @param health must not wait for anything: it is asked in the thread that serves everybody
     * @throws IOException if the address cannot be bound
     */
    OpsServer(InetSocketAddress address, CollectorRegistry registry, Supplier<WorkerHealth> health) throws IOException {
        this.health = health;
        scraper = new Scraper(registry);
        try {
            listener = new HttpListener(address, this::handle);
        } catch (IOException | RuntimeException e) {
            scraper.close();
            throw e;
        }
    }

    int port() {
        return listener.port();
    }

    private void handle(HttpRequest request, Consumer<HttpResponse> reply) {
        switch (request.path()) {
            case "/metrics", "/healthz", "/readyz" -> {
                if (request.isRead()) {
                    serve(request, reply);
                } else {
                    reply.accept(HttpResponse.text(405, "only GET and HEAD are served\n"));
                }
            }
            default -> reply.accept(HttpResponse.text(404, "try /metrics, /healthz or /readyz\n"));
        }
    }

    private void serve(HttpRequest request, Consumer<HttpResponse> reply) {
        switch (request.path()) {
            case "/metrics" -> scraper.scrape(request.headers().get("Accept"), reply);
            case "/healthz" -> reply.accept(probe("alive", WorkerHealth::notAlive));
            default -> reply.accept(probe("ready", WorkerHealth::notReady));
        }
    }

    private HttpResponse probe(String good, Function<WorkerHealth, List<String>> aspect) {
        List<String> reasons;
        try {
            reasons = aspect.apply(health.get());
        } catch (RuntimeException e) {
            reasons = List.of("health cannot be told: " + e);
        }
        return reasons.isEmpty()
                ? HttpResponse.text(200, good + "\n")
                : HttpResponse.text(503, String.join("\n", reasons) + "\n");
    }

    @Override
    public void close() {
        listener.close();
        scraper.close();
    }
}
