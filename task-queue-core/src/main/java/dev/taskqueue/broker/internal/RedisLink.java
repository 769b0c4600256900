package dev.taskqueue.broker.internal;

import java.util.function.Function;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.util.IOUtils;

/**
 * Where connections come from, and the way over them. Not one of the library's clients: each of these knows every command
 * there is, in 150 classes, which a program that just started would wait for.
 *
 * @param connections for what has to go over one connection
 * @param route the same, and follows the slot of its first command in a cluster
 */
record RedisLink(ConnectionProvider connections, Route route) implements AutoCloseable {

    /** Runs a request over a connection to where its first command belongs. */
    interface Route {

        <T> T run(CommandArguments first, Function<Connection, T> request);
    }

    /** To a server that has every key. */
    static RedisLink direct(ConnectionProvider connections) {
        return new RedisLink(connections, new Route() {
            @Override
            public <T> T run(CommandArguments first, Function<Connection, T> request) {
                try (Connection connection = connections.getConnection(first)) {
                    return request.apply(connection);
                }
            }
        });
    }

    Object execute(CommandArguments command) {
        return execute(command, command);
    }

    /** Sends a command to where another one belongs. */
    Object execute(CommandArguments place, CommandArguments command) {
        return route.run(place, connection -> connection.executeCommand(command));
    }

    @Override
    public void close() {
        IOUtils.closeQuietly(connections);
    }
}
