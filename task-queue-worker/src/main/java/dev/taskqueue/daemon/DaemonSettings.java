package dev.taskqueue.daemon;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.internal.config.BrokerVariables;
import dev.taskqueue.internal.config.Durations;
import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import dev.taskqueue.worker.RetryPolicy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the daemon can be told, read and checked at start. Names and defaults stand in {@code .env.example}. */
record DaemonSettings(
        RedisSettings redis,
        RedisBroker.Builder broker,
        List<WorkerQueue> queues,
        int concurrency,
        InetSocketAddress metricsAddress,
        Duration lease,
        Duration shutdownGrace,
        Duration taskTimeout,
        Duration unknownTypeGrace,
        int deadMax,
        Duration deadTtl,
        RetryPolicy retryPolicy,
        Optional<Path> handlersDir,
        boolean sampleHandlers,
        Optional<CronFile> cronFile) {

    private static final Duration DAY = Duration.ofHours(24);

    /** The worker's roles need a few connections beside those of its handlers, and those of several queues some more. */
    private static final int SPARE_CONNECTIONS = 8;

    /**
     * @throws dev.taskqueue.internal.config.InvalidSettingException if a setting has a value that is not allowed
     */
    static DaemonSettings read(Variables variables) {
        RedisSettings redis = BrokerVariables.redis(variables);
        int concurrency = variables.integer("WORKER_CONCURRENCY", 5, 1, 1_000);
        List<WorkerQueue> queues = WorkerQueue.parse(variables);
        int spare = queues.size() > 1 ? 2 * SPARE_CONNECTIONS + queues.size() : SPARE_CONNECTIONS;
        redis = redis.toBuilder().maxConnections(concurrency + spare).build();
        return new DaemonSettings(
                redis,
                BrokerVariables.broker(redis, variables),
                queues,
                concurrency,
                metricsAddress(variables),
                variables.duration("WORKER_LEASE", Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofHours(1)),
                variables.duration("WORKER_SHUTDOWN_GRACE", Duration.ofSeconds(30), Duration.ZERO, DAY),
                variables.duration("TASK_TIMEOUT", Duration.ZERO, Duration.ZERO, Duration.ofDays(7)),
                variables.duration("UNKNOWN_TYPE_GRACE", Duration.ofHours(1), Duration.ZERO, Duration.ofDays(365)),
                variables.integer("DEAD_MAX", 0, 0, 100_000_000),
                deadTtl(variables),
                retryPolicy(variables),
                variables.path("HANDLERS_DIR"),
                variables.flag("SAMPLE_HANDLERS", true),
                CronFile.read(variables));
    }

    private static Duration deadTtl(Variables variables) {
        Duration ttl = variables.duration("DEAD_TTL", Duration.ZERO, Duration.ZERO, Duration.ofDays(3650));
        if (!ttl.isZero() && ttl.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new InvalidSettingException(
                    "DEAD_TTL is " + Durations.format(ttl) + "; it must be 0, or a duration from 1s to 3650d");
        }
        return ttl;
    }

    private static RetryPolicy retryPolicy(Variables variables) {
        Duration least = Duration.ofMillis(1);
        Duration base = variables.duration("RETRY_BACKOFF_BASE", Duration.ofSeconds(15), least, DAY);
        Duration max = variables.duration("RETRY_BACKOFF_MAX", Duration.ofHours(1), least, DAY);
        if (base.compareTo(max) > 0) {
            throw new InvalidSettingException("RETRY_BACKOFF_BASE is " + Durations.format(base)
                    + "; it must not be longer than RETRY_BACKOFF_MAX, which is " + Durations.format(max));
        }
        return RetryPolicy.exponential(base, max);
    }

    /** {@code :2112} as the system that this one ports wrote it, or {@code 2112}, or {@code host:2112}. */
    private static InetSocketAddress metricsAddress(Variables variables) {
        String text = variables.text("METRICS_PORT", ":2112");
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            InetSocketAddress address =
                    colon <= 0 ? new InetSocketAddress(port) : new InetSocketAddress(text.substring(0, colon), port);
            if (!address.isUnresolved()) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw Variables.invalid(
                "METRICS_PORT",
                text,
                "a port from 0 to 65535, also as :port or host:port with a host of this machine; 0 takes any free port");
    }
}
