package dev.taskqueue.daemon;

import dev.taskqueue.worker.WorkerHealth;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
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
            case "/healthz" -> reply.accept(probe("alive", WorkerHealth::notAlive, health -> List.of()));
            default -> reply.accept(probe("ready", WorkerHealth::notReady, OpsServer::queues));
        }
    }

    /** A line for each queue, where there are several, and one for each that is paused, or for a quiet worker: neither keeps it from being ready. */
    private static List<String> queues(WorkerHealth health) {
        List<String> lines = new ArrayList<>();
        if (health.queues().size() > 1) {
            health.queues()
                    .forEach((queue, reasons) ->
                            lines.add("queue " + queue + ": " + (reasons.isEmpty() ? "ready" : "not ready")));
        }
        health.quiet().ifPresent(lines::add);
        health.paused().forEach((queue, why) -> lines.add("queue " + queue + ": " + why));
        return lines;
    }

    private HttpResponse probe(
            String good, Function<WorkerHealth, List<String>> aspect, Function<WorkerHealth, List<String>> details) {
        List<String> lines = new ArrayList<>();
        boolean isGood = false;
        try {
            WorkerHealth current = health.get();
            lines.addAll(aspect.apply(current));
            isGood = lines.isEmpty();
            if (isGood) {
                lines.add(good);
            }
            lines.addAll(details.apply(current));
        } catch (RuntimeException e) {
            lines.add("health cannot be told: " + e);
        }
        return HttpResponse.text(isGood ? 200 : 503, String.join("\n", lines) + "\n");
    }

    @Override
    public void close() {
        listener.close();
        scraper.close();
    }
}
