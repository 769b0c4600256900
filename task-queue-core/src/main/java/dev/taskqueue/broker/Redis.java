package dev.taskqueue.broker;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.TaskQueueException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** The pooled connections to Redis: runs commands and scripts, and speaks of their failures in our words. */
final class Redis implements AutoCloseable {

    /** A request broke after it may have been sent, so that nobody knows whether Redis carried it out. */
    static final class BrokenRequestException extends BrokerUnavailableException {

        private static final long serialVersionUID = 1L;

        BrokenRequestException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final RedisConnector connector;
    private final String address;
    private volatile UnifiedJedis client;
    private boolean closed;

    private final boolean cluster;

    Redis(RedisSettings settings, Duration longestBlock) {
        connector = new RedisConnector(settings, longestBlock);
        address = settings.address();
        cluster = settings.cluster();
    }

    boolean isCluster() {
        return cluster;
    }

    /**
     * Whatever the client library throws, this throws one of these two: of the library's own kinds and of others, and where
     * the heap has no room for a reply. The library drops a connection of which it did not read a whole reply.
     *
     * @throws BrokenRequestException if the request may have been carried out
     * @throws BrokerUnavailableException if Redis certainly did not carry it out
     * @throws IllegalStateException if this was closed
     */
    <T> T call(String what, Function<UnifiedJedis, T> request) {
        UnifiedJedis used = client(what);
        try {
            return request.apply(used);
        } catch (TaskQueueException e) {
            throw e;
        } catch (JedisConnectionException e) {
            throw neverConnected(e) ? unavailable(what, e) : broken(what, e);
        } catch (JedisException e) {
            if (e instanceof JedisDataException
                    && String.valueOf(e.getMessage()).startsWith("READONLY")) {
                // The old master after a failover: by its name it may be another machine already.
                forget(used);
            }
            throw unavailable(what, e);
        } catch (RuntimeException | OutOfMemoryError e) {
            throw broken(what, e);
        }
    }

    private BrokerUnavailableException unavailable(String what, Throwable e) {
        return new BrokerUnavailableException(message(what, e), e);
    }

    private BrokenRequestException broken(String what, Throwable e) {
        return new BrokenRequestException(message(what, e), e);
    }

    /** Runs a script by its SHA; where Redis has forgotten it, by its source, which Redis then remembers. */
    Object run(Script script, List<byte[]> keys, List<byte[]> args) {
        return call(script.what, redis -> execute(redis, script, keys, args));
    }

    /** Like {@link #run}, for a script that returns a list, or null. */
    List<Object> list(Script script, List<byte[]> keys, List<byte[]> args) {
        return call(script.what, redis -> Bytes.mixedList(execute(redis, script, keys, args)));
    }

    /** Like {@link #run}, for a script that returns a number. */
    long number(Script script, List<byte[]> keys, List<byte[]> args) {
        return call(script.what, redis -> Bytes.number(execute(redis, script, keys, args)));
    }

    private static Object execute(UnifiedJedis redis, Script script, List<byte[]> keys, List<byte[]> args) {
        try {
            return redis.evalsha(script.sha, keys, args);
        } catch (JedisNoScriptException e) {
            return redis.eval(script.source, keys, args);
        }
    }

    /** Connected on first use: with Sentinels or a cluster, to make a client is to talk to them. */
    private UnifiedJedis client(String what) {
        UnifiedJedis current = client;
        if (current != null) {
            return current;
        }
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the broker is closed");
            }
            if (client == null) {
                client = connect(what);
            }
            return client;
        }
    }

    private UnifiedJedis connect(String what) {
        try {
            return connector.connect();
        } catch (RuntimeException | OutOfMemoryError e) {
            throw unavailable(what, e);
        }
    }

    private synchronized void forget(UnifiedJedis used) {
        if (used != null && client == used) {
            client = null;
            used.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (client != null) {
            client.close();
            client = null;
        }
    }

    private String message(String what, Throwable e) {
        return what + " failed: Redis at " + address + ": " + reason(e);
    }

    /** The client says so mostly in its message alone: no connection was made, hence no request was sent. */
    private static boolean neverConnected(JedisConnectionException e) {
        String message = String.valueOf(e.getMessage());
        return e.getCause() instanceof SSLHandshakeException
                || message.startsWith("Failed to connect")
                || message.startsWith("Failed to create socket")
                || message.startsWith("All sentinels down");
    }

    private static String reason(Throwable e) {
        Throwable detail = e.getSuppressed().length > 0 ? e.getSuppressed()[0] : e.getCause();
        String message = e instanceof JedisException ? String.valueOf(e.getMessage()) : e.toString();
        boolean adds = detail != null && detail.getMessage() != null && !message.contains(detail.getMessage());
        return adds ? message + " (" + detail.getMessage() + ")" : message;
    }
}
