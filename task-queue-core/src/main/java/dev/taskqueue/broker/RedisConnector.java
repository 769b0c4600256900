package dev.taskqueue.broker;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/** Makes the client that settings ask for: of one server, of what Sentinels call the master, or of a cluster. */
final class RedisConnector {

    private final RedisSettings settings;
    private final Duration longestBlock;

    RedisConnector(RedisSettings settings, Duration longestBlock) {
        this.settings = settings;
        this.longestBlock = longestBlock;
    }

    /**
     * @throws redis.clients.jedis.exceptions.JedisException if no Sentinel, or no node of the cluster, answers
     */
    UnifiedJedis connect() {
        if (settings.cluster()) {
            ClusterConnectionProvider provider = new ClusterConnectionProvider(hosts(), config().build(), pool());
            return RedisClusterClient.builder()
                    .nodes(hosts())
                    .connectionProvider(provider)
                    .commandExecutor(new ClusterExecutor(provider))
                    .build();
        }
        if (settings.sentinelMaster().isPresent()) {
            return RedisSentinelClient.builder()
                    .masterName(settings.sentinelMaster().get())
                    .sentinels(hosts())
                    .sentinelClientConfig(sentinelConfig())
                    .clientConfig(config().build())
                    .poolConfig(pool())
                    .build();
        }
        return RedisClient.builder()
                .hostAndPort(settings.host(), settings.port())
                .clientConfig(config().build())
                .poolConfig(pool())
                .build();
    }

    private Set<HostAndPort> hosts() {
        return settings.addresses().stream()
                .map(address -> new HostAndPort(address.host(), address.port()))
                .collect(Collectors.toSet());
    }

    private DefaultJedisClientConfig.Builder config() {
        int socketTimeout = Math.toIntExact(settings.socketTimeout().toMillis());
        DefaultJedisClientConfig.Builder config = plainConfig()
                .database(settings.database())
                .socketTimeoutMillis(socketTimeout)
                .blockingSocketTimeoutMillis(socketTimeout + Math.toIntExact(longestBlock.toMillis()));
        settings.user().ifPresent(config::user);
        settings.password().ifPresent(config::password);
        return config;
    }

    private DefaultJedisClientConfig sentinelConfig() {
        DefaultJedisClientConfig.Builder config = plainConfig();
        settings.sentinelPassword().ifPresent(config::password);
        return config.build();
    }

    private DefaultJedisClientConfig.Builder plainConfig() {
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                // RESP2, said outright: left open, the client would guess from its first connection, which may fail.
                .resp2()
                .clientName("task-queue")
                // An ACL user with few rights would be refused it, at every connection.
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .connectionTimeoutMillis(
                        Math.toIntExact(settings.connectTimeout().toMillis()));
        settings.tls().ifPresent(tls -> config.sslOptions(tls.options()));
        return config;
    }

    private ConnectionPoolConfig pool() {
        ConnectionPoolConfig pool = new ConnectionPoolConfig();
        pool.setMaxTotal(settings.maxConnections());
        pool.setMaxIdle(settings.maxConnections());
        pool.setMaxWait(settings.socketTimeout());
        pool.setJmxEnabled(false);
        return pool;
    }
}
