package dev.taskqueue.daemon;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.config.Variables;
import dev.taskqueue.worker.Worker;
import dev.taskqueue.worker.WorkerMetrics;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One run of the daemon: wires everything, works until a signal comes, and ends it all in the right order. */
final class Daemon {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final Function<String, String> environment;
    private final Path embeddedRedis;
    private final CountDownLatch terminated = new CountDownLatch(1);

    /**
     * @param embeddedRedis the folder for the data of an embedded Redis, or null for none
     */
    Daemon(Function<String, String> environment, Path embeddedRedis) {
        this.environment = environment;
        this.embeddedRedis = embeddedRedis;
    }

    int run() throws IOException {
        Variables variables = new Variables(environment);
        DaemonSettings settings = DaemonSettings.read(variables);
        try (HandlerLoader handlers = load(settings)) {
            report(variables.shown(), handlers.handlers().keySet().toString());
            EmbeddedRedis redis = embeddedRedis == null ? null : EmbeddedRedis.start(settings.redis(), embeddedRedis);
            try (RedisBroker broker = settings.broker().build()) {
                work(settings, handlers, broker);
            } finally {
                // Last, so that the worker drains while its Redis is still there.
                if (redis != null) {
                    redis.close();
                }
            }
        }
        return 0;
    }

    private static HandlerLoader load(DaemonSettings settings) {
        HandlerLoader handlers = new HandlerLoader();
        if (settings.sampleHandlers()) {
            handlers.addSamples();
        }
        settings.handlersDir().ifPresent(handlers::addJars);
        return handlers;
    }

    private void work(DaemonSettings settings, HandlerLoader handlers, RedisBroker broker) throws IOException {
        CollectorRegistry registry = new CollectorRegistry();
        DefaultExports.register(registry);
        Worker worker = Worker.of(broker)
                .handlers(handlers.handlers())
                .concurrency(settings.concurrency())
                .lease(settings.lease())
                .shutdownGrace(settings.shutdownGrace())
                .taskTimeout(settings.taskTimeout())
                .retryPolicy(settings.retryPolicy())
                .metrics(new WorkerMetrics(registry))
                .build();
        try (OpsServer ops = serve(settings.metricsAddress(), registry, worker);
                worker) {
            LOG.atInfo().addKeyValue("port", ops.port()).log("serving /metrics, /healthz and /readyz");
            AtomicBoolean first = new AtomicBoolean(true);
            Signals.onTerminate(() -> {
                if (first.getAndSet(false)) {
                    terminated.countDown();
                } else {
                    LOG.atWarn().log("second signal: unfinished tasks go back now");
                    worker.endGrace();
                }
            });
            if (awaitRedis(broker)) {
                worker.start();
                terminated.await();
            }
        } catch (InterruptedException e) {
            // Nobody interrupts the main thread; whoever does wants the end too.
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for a Redis that is away, as the worker would, so that its settings are looked at before the first task.
     *
     * @return whether it answered; false where the end came first
     * @throws dev.taskqueue.BrokerRejectedException if it will not have us, ever
     */
    private boolean awaitRedis(RedisBroker broker) throws InterruptedException {
        boolean told = false;
        while (terminated.getCount() > 0) {
            try {
                for (String warning : broker.check()) {
                    LOG.atWarn().log(warning);
                }
                return true;
            } catch (BrokerRejectedException e) {
                throw e;
            } catch (BrokerUnavailableException e) {
                if (!told) {
                    LOG.atWarn().addKeyValue("error", e.getMessage()).log("waiting for Redis");
                    told = true;
                }
                terminated.await(ThreadLocalRandom.current().nextLong(250, 1_000), TimeUnit.MILLISECONDS);
            }
        }
        return false;
    }

    private static OpsServer serve(InetSocketAddress address, CollectorRegistry registry, Worker worker) {
        try {
            return new OpsServer(address, registry, worker::health);
        } catch (IOException e) {
            throw new TaskQueueException(
                    "METRICS_PORT: cannot listen on port " + address.getPort() + ": " + e.getMessage(), e);
        }
    }

    private static void report(Map<String, String> settings, String types) {
        LoggingEventBuilder line = LOG.atInfo();
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            line = line.addKeyValue(setting.getKey(), setting.getValue());
        }
        line.addKeyValue("handlers", types).log("settings");
    }
}
