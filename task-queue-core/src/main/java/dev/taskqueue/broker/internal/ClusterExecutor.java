package dev.taskqueue.broker.internal;

import java.util.function.Function;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/**
 * Sends commands to the node that has their slot, and follows it when it moves. Unlike the client's own executor it never
 * sends a command again after a broken connection: Redis may have carried it out, and only the caller knows what then.
 */
final class ClusterExecutor {

    private static final int MAX_REDIRECTIONS = 5;

    private final ClusterConnectionProvider provider;

    ClusterExecutor(ClusterConnectionProvider provider) {
        this.provider = provider;
    }

    /**
     * Runs a request over one connection to the node that has the slot of its first command; once more from the start, on
     * another node, where that throws a redirection.
     */
    <T> T execute(CommandArguments first, Function<Connection, T> request) {
        JedisRedirectionException redirection = null;
        for (int i = 0; i <= MAX_REDIRECTIONS; i++) {
            try (Connection connection = connection(first, redirection)) {
                if (redirection instanceof JedisAskDataException) {
                    connection.executeCommand(Protocol.Command.ASKING);
                }
                return request.apply(connection);
            } catch (JedisRedirectionException e) {
                redirection = e;
                if (!(e instanceof JedisAskDataException)) {
                    renewSlots();
                }
            } catch (JedisConnectionException e) {
                // The node may be gone for good: the next command shall ask who has its slots now.
                renewSlots();
                throw e;
            }
        }
        throw redirection;
    }

    private Connection connection(CommandArguments first, JedisRedirectionException redirection) {
        if (redirection != null) {
            return provider.getConnection(redirection.getTargetNode());
        }
        return first.isKeyless() ? provider.getConnection() : provider.getConnection(first);
    }

    private void renewSlots() {
        try {
            provider.renewSlotCache();
        } catch (JedisException e) {
            // What made us ask is what the caller is told; the next command tries again.
        }
    }
}
