package dev.taskqueue.broker;

import dev.taskqueue.BrokerUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** The pooled connections to one Redis: runs commands and scripts, and speaks of their failures in our words. */
final class Redis implements AutoCloseable {

    /** A request broke after it may have been sent, so that nobody knows whether Redis carried it out. */
    static final class BrokenRequestException extends BrokerUnavailableException {

        private static final long serialVersionUID = 1L;

        BrokenRequestException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final UnifiedJedis client;
    private final String address;

    Redis(RedisSettings settings, Duration longestBlock) {
        address = settings.address();
        int socketTimeout = Math.toIntExact(settings.socketTimeout().toMillis());
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                // RESP2, said outright: left open, the client would guess from its first connection, which may fail.
                .resp2()
                .clientName("task-queue")
                .database(settings.database())
                .connectionTimeoutMillis(
                        Math.toIntExact(settings.connectTimeout().toMillis()))
                .socketTimeoutMillis(socketTimeout)
                .blockingSocketTimeoutMillis(socketTimeout + Math.toIntExact(longestBlock.toMillis()));
        settings.password().ifPresent(config::password);
        ConnectionPoolConfig pool = new ConnectionPoolConfig();
        pool.setMaxTotal(settings.maxConnections());
        pool.setMaxIdle(settings.maxConnections());
        pool.setMaxWait(settings.socketTimeout());
        pool.setJmxEnabled(false);
        client = RedisClient.builder()
                .hostAndPort(settings.host(), settings.port())
                .clientConfig(config.build())
                .poolConfig(pool)
                .build();
    }

    /**
     * @throws BrokenRequestException if the connection broke and the request may have been carried out
     * @throws BrokerUnavailableException if Redis certainly did not carry it out
     */
    <T> T call(String what, Function<UnifiedJedis, T> request) {
        try {
            return request.apply(client);
        } catch (JedisConnectionException e) {
            String message = what + " failed: Redis at " + address + ": " + reason(e);
            throw neverConnected(e)
                    ? new BrokerUnavailableException(message, e)
                    : new BrokenRequestException(message, e);
        } catch (JedisException e) {
            throw new BrokerUnavailableException(what + " failed: Redis at " + address + ": " + reason(e), e);
        }
    }

    /** Runs a script by its SHA; where Redis has forgotten it, by its source, which Redis then remembers. */
    Object run(Script script, List<byte[]> keys, List<byte[]> args) {
        return call(script.what, redis -> {
            try {
                return redis.evalsha(script.sha, keys, args);
            } catch (JedisNoScriptException e) {
                return redis.eval(script.source, keys, args);
            }
        });
    }

    @Override
    public void close() {
        client.close();
    }

    /** The client says so only in its message: no connection was made, hence no request was sent. */
    private static boolean neverConnected(JedisConnectionException e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith("Failed to connect") || message.startsWith("Failed to create socket");
    }

    private static String reason(JedisException e) {
        Throwable detail = e.getSuppressed().length > 0 ? e.getSuppressed()[0] : e.getCause();
        String message = String.valueOf(e.getMessage());
        boolean adds = detail != null && detail.getMessage() != null && !message.contains(detail.getMessage());
        return adds ? message + " (" + detail.getMessage() + ")" : message;
    }
}
