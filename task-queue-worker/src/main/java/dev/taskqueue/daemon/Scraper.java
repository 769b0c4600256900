package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes out the metrics for scrapes, in a thread of its own, as a collector may take its time. Scrapes that wait together
 * share one text, so that any number of them costs no more than one after the other.
 */
final class Scraper implements AutoCloseable {

    private record Scrape(String contentType, Consumer<HttpResponse> reply) {}

    private static final Logger LOG = LoggerFactory.getLogger(Scraper.class);

    private final CollectorRegistry registry;
    private final BlockingQueue<Scrape> waiting = new ArrayBlockingQueue<>(HttpListener.MAX_CONNECTIONS);
    private final Thread thread;
    private boolean failed;

    Scraper(CollectorRegistry registry) {
        this.registry = registry;
        thread = new Thread(this::run, "task-queue-metrics");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * @param accept the formats that the client takes; null if it does not say
     * @param reply takes the answer, later
     */
    void scrape(String accept, Consumer<HttpResponse> reply) {
        if (!waiting.offer(new Scrape(TextFormat.chooseContentType(accept), reply))) {
            reply.accept(HttpResponse.text(503, "too many scrapes at once\n"));
        }
    }

    private void run() {
        while (true) {
            try {
                List<Scrape> scrapes = new ArrayList<>();
                scrapes.add(waiting.take());
                waiting.drainTo(scrapes);
                Map<String, HttpResponse> texts = new HashMap<>();
                for (Scrape scrape : scrapes) {
                    scrape.reply.accept(texts.computeIfAbsent(scrape.contentType, this::write));
                }
            } catch (InterruptedException e) {
                // Closed.
                return;
            } catch (RuntimeException | Error e) {
                // Such as no memory: these scrapes get no answer, and the next may find some.
                report(e);
            }
        }
    }

    private HttpResponse write(String contentType) {
        try {
            StringWriter text = new StringWriter();
            TextFormat.writeFormat(contentType, text, registry.metricFamilySamples());
            return new HttpResponse(200, contentType, text.toString().getBytes(UTF_8));
        } catch (IOException | RuntimeException e) {
            report(e);
            return HttpResponse.text(500, "metrics cannot be written\n");
        }
    }

    private void report(Throwable cause) {
        if (!failed) {
            failed = true;
            LOG.atWarn().setCause(cause).log("metrics cannot be written");
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
