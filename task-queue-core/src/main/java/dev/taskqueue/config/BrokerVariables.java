package dev.taskqueue.config;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.time.Duration;

/** The settings that say where Redis is and how a queue is kept there: the same for workers and clients. */
public final class BrokerVariables {

    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration DAY = Duration.ofHours(24);

    private BrokerVariables() {}

    /**
     * Reads {@code REDIS_ADDR}, {@code REDIS_PASSWORD} and {@code REDIS_DB}.
     *
     * @param variables where to read
     * @return where Redis is
     * @throws InvalidSettingException if one has a value that is not allowed
     */
    public static RedisSettings redis(Variables variables) {
        String address = variables.text("REDIS_ADDR", "localhost:6379");
        RedisSettings settings;
        try {
            settings = RedisSettings.of(address);
        } catch (IllegalArgumentException e) {
            throw Variables.invalid("REDIS_ADDR", address, "host:port, with a port from 1 to 65535");
        }
        settings = settings.withPassword(variables.secret("REDIS_PASSWORD").orElse(""));
        return settings.withDatabase(variables.integer("REDIS_DB", 0, 0, 16_383));
    }

    /**
     * Reads {@code QUEUE_NAME}, {@code TASK_STATUS_TTL}, {@code IDEMPOTENCY_TTL} and {@code MAX_RECOVERIES}.
     *
     * @param redis where Redis is
     * @param variables where to read
     * @return a builder for the broker
     * @throws InvalidSettingException if one has a value that is not allowed
     */
    public static RedisBroker.Builder broker(RedisSettings redis, Variables variables) {
        String queue = variables.text("QUEUE_NAME", RedisBroker.Builder.DEFAULT_QUEUE);
        RedisBroker.Builder builder = RedisBroker.at(redis);
        try {
            builder.queue(queue);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException("QUEUE_NAME: " + e.getMessage());
        }
        return builder.taskStatusTtl(variables.duration("TASK_STATUS_TTL", DAY, Duration.ZERO, YEAR))
                .idempotencyTtl(variables.duration("IDEMPOTENCY_TTL", DAY, Duration.ofSeconds(1), YEAR))
                .maxRecoveries(variables.integer("MAX_RECOVERIES", 3, 0, 1_000_000));
    }
}
