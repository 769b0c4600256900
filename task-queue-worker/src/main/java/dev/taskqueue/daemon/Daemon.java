package dev.taskqueue.daemon;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import dev.taskqueue.worker.Worker;
import dev.taskqueue.worker.WorkerHealth;
import dev.taskqueue.worker.WorkerMetrics;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One run of the daemon: wires everything, works until a signal comes, and ends it all in the right order. */
final class Daemon {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private static final WorkerHealth STARTING = new WorkerHealth(List.of(), List.of("the worker is starting"));

    private final Function<String, String> environment;
    private final Path embeddedRedis;
    private final StopSignal stop;
    private volatile Supplier<WorkerHealth> health = () -> STARTING;

    /**
     * @param embeddedRedis the folder for the data of an embedded Redis, or null for none
     * @param stop asks for the end, at any moment
     */
    Daemon(Function<String, String> environment, Path embeddedRedis, StopSignal stop) {
        this.environment = environment;
        this.embeddedRedis = embeddedRedis;
        this.stop = stop;
    }

    int run() throws IOException {
        Variables variables = new Variables(environment);
        DaemonSettings settings = DaemonSettings.read(variables);
        CollectorRegistry registry = new CollectorRegistry();
        DefaultExports.register(registry);
        try (HandlerLoader handlers = load(settings);
                OpsServer ops = serve(settings.metricsAddress(), registry)) {
            report(variables.shown(), handlers.handlers().keySet().toString());
            LOG.atInfo().addKeyValue("port", ops.port()).log("serving /metrics, /healthz and /readyz");
            EmbeddedRedis redis =
                    embeddedRedis == null ? null : EmbeddedRedis.start(settings.redis(), embeddedRedis, stop);
            try (RedisBroker broker = settings.broker().build()) {
                work(settings, handlers, broker, new WorkerMetrics(registry));
            } finally {
                // Last, so that the worker drains while its Redis is still there.
                if (redis != null) {
                    redis.close();
                }
            }
        } catch (InterruptedException e) {
            // Nobody interrupts the main thread; whoever does wants the end too.
            Thread.currentThread().interrupt();
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

    private void work(DaemonSettings settings, HandlerLoader handlers, RedisBroker broker, WorkerMetrics metrics)
            throws InterruptedException {
        Optional<CronSync> crons = settings.cronFile().map(file -> new CronSync(file, broker, stop));
        Worker.Builder builder = Worker.of(broker);
        settings.queues().forEach(queue -> queue.serve(builder));
        try (Worker worker = builder.handlers(handlers.handlers())
                .concurrency(settings.concurrency())
                .lease(settings.lease())
                .shutdownGrace(settings.shutdownGrace())
                .taskTimeout(settings.taskTimeout())
                .unknownTypeGrace(settings.unknownTypeGrace())
                .deadMax(settings.deadMax())
                .deadTtl(settings.deadTtl())
                .retryPolicy(settings.retryPolicy())
                .metrics(metrics)
                .build()) {
            health = worker::health;
            List<RedisBroker> queues =
                    worker.queues().stream().map(broker::queue).toList();
            if (awaitRedis(queues)) {
                stop.onHurry(() -> {
                    LOG.atWarn().log("second signal; requeueing unfinished tasks now");
                    worker.endGrace();
                });
                if (crons.isPresent() && !worker.queues().contains(broker.queue())) {
                    LOG.atWarn()
                            .addKeyValue("queue", broker.queue())
                            .log(
                                    "CRON_FILE's schedules are in QUEUE_NAME, which WORKER_QUEUES does not name; others must fire them");
                }
                crons.ifPresent(CronSync::start);
                worker.start();
                stop.await();
            }
        }
    }

    /**
     * Waits for a Redis that is away, as the worker would, so that its settings are looked at before the first task. In a
     * cluster one node may be: the worker begins once any queue can be had.
     *
     * @return whether one answered; false where the end came first
     * @throws dev.taskqueue.BrokerRejectedException if none will have us, ever
     */
    private boolean awaitRedis(List<RedisBroker> queues) throws InterruptedException {
        boolean told = false;
        while (!stop.isAsked()) {
            Set<String> warnings = new LinkedHashSet<>();
            int answered = 0;
            BrokerUnavailableException away = null;
            BrokerRejectedException refused = null;
            for (RedisBroker queue : queues) {
                try {
                    warnings.addAll(queue.check());
                    answered++;
                } catch (BrokerRejectedException e) {
                    refused = e;
                } catch (BrokerUnavailableException e) {
                    away = e;
                }
            }
            warnings.forEach(warning -> LOG.atWarn().log(warning));
            if (answered > 0) {
                return true;
            }
            if (away == null) {
                throw refused;
            }
            if (!told) {
                LOG.atWarn().addKeyValue("error", away.getMessage()).log("waiting for Redis");
                told = true;
            }
            stop.await(ThreadLocalRandom.current().nextLong(250, 1_000));
        }
        return false;
    }

    private OpsServer serve(InetSocketAddress address, CollectorRegistry registry) {
        try {
            return new OpsServer(address, registry, () -> health.get());
        } catch (IOException e) {
            throw new InvalidSettingException("METRICS_PORT is \"" + address.getHostString() + ":" + address.getPort()
                    + "\"; cannot listen there: " + e.getMessage());
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
