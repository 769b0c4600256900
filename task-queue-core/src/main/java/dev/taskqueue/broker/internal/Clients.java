package dev.taskqueue.broker.internal;

import java.util.Set;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.executors.CommandExecutor;
import redis.clients.jedis.providers.ConnectionProvider;

/** The client library's clients; apart, as to load the class that makes them is to load them. */
final class Clients {

    private Clients() {}

    static UnifiedJedis ofServer(ConnectionProvider connections) {
        return RedisClient.builder().connectionProvider(connections).build();
    }

    static UnifiedJedis ofSentinels(String master, Set<HostAndPort> sentinels, ConnectionProvider connections) {
        return RedisSentinelClient.builder()
                .masterName(master)
                .sentinels(sentinels)
                .connectionProvider(connections)
                .build();
    }

    static UnifiedJedis ofCluster(Set<HostAndPort> nodes, ConnectionProvider connections, CommandExecutor executor) {
        return RedisClusterClient.builder()
                .nodes(nodes)
                .connectionProvider(connections)
                .commandExecutor(executor)
                .build();
    }
}
