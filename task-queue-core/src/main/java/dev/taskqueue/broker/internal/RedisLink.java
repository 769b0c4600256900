package dev.taskqueue.broker.internal;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.util.IOUtils;

/** Where connections come from, and who talks over them. */
final class RedisLink implements AutoCloseable {

    /** Runs a request over a connection to where its first command belongs. */
    interface Route {

        <T> T run(CommandArguments first, Function<Connection, T> request);
    }

    private final ConnectionProvider connections;
    private final Route route;
    private final Supplier<Object> maker;
    private volatile @Nullable UnifiedJedis client;

    /**
     * @param connections for what has to go over one connection
     * @param route for what has to go over one connection, and follows the slot of its first command in a cluster
     * @param maker makes the client, which runs one command at a time. Its type says nothing of that: to link what gives a
     *     client would be to load its class
     */
    RedisLink(ConnectionProvider connections, Route route, Supplier<Object> maker) {
        this.connections = connections;
        this.route = route;
        this.maker = maker;
    }

    /** To a server that has every key. */
    static RedisLink direct(ConnectionProvider connections, Supplier<Object> maker) {
        Route route = new Route() {
            @Override
            public <T> T run(CommandArguments first, Function<Connection, T> request) {
                try (Connection connection = connections.getConnection(first)) {
                    return request.apply(connection);
                }
            }
        };
        return new RedisLink(connections, route, maker);
    }

    ConnectionProvider connections() {
        return connections;
    }

    Route route() {
        return route;
    }

    /** Made when it is needed: it knows every command there is, in 150 classes, and scripts go without it. */
    UnifiedJedis client() {
        UnifiedJedis made = client;
        if (made == null) {
            synchronized (this) {
                made = client;
                if (made == null) {
                    made = (UnifiedJedis) maker.get();
                    client = made;
                }
            }
        }
        return made;
    }

    /** Closes the connections, which are all that the client has to close. */
    @Override
    public void close() {
        IOUtils.closeQuietly(connections);
    }
}
