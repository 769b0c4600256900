package dev.taskqueue.broker;

import dev.taskqueue.BrokerRejectedException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ClusterConnectionProvider;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.providers.PooledConnectionProvider;
import redis.clients.jedis.providers.SentineledConnectionProvider;

/** Makes the client that settings ask for: of one server, of what Sentinels call the master, or of a cluster. */
final class RedisConnector {

    private final RedisSettings settings;
    private final Duration longestBlock;
    private final SettingsFault fault;

    RedisConnector(RedisSettings settings, Duration longestBlock) {
        this.settings = settings;
        this.longestBlock = longestBlock;
        fault = new SettingsFault(settings, this::sentinelConfig);
    }

    SettingsFault fault() {
        return fault;
    }

    /**
     * A client and where its connections come from.
     *
     * @param client runs one command at a time
     * @param connections for what has to go over one connection
     * @param route for what has to go over one connection, and follows the slot of its first command in a cluster
     */
    record Link(UnifiedJedis client, ConnectionProvider connections, Route route) {

        static Link direct(UnifiedJedis client, ConnectionProvider connections) {
            return new Link(client, connections, (first, request) -> {
                try (Connection connection = connections.getConnection(first)) {
                    return request.apply(connection);
                }
            });
        }
    }

    /** Runs a request over a connection to where its first command belongs. */
    interface Route {

        List<Object> run(CommandArguments first, Function<Connection, List<Object>> request);
    }

    /**
     * @throws BrokerRejectedException if it cannot succeed with these settings
     * @throws JedisException if no Sentinel, or no node of the cluster, answers
     */
    Link connect() {
        fault.ofAddresses().ifPresent(sentence -> {
            throw new BrokerRejectedException(sentence, null);
        });
        try {
            return open();
        } catch (JedisException e) {
            throw fault.of(e)
                    .<RuntimeException>map(sentence -> new BrokerRejectedException(sentence, e))
                    .orElse(e);
        }
    }

    private Link open() {
        if (settings.cluster()) {
            ClusterConnectionProvider provider = new ClusterConnectionProvider(hosts(), config().build(), pool());
            ClusterExecutor executor = new ClusterExecutor(provider);
            UnifiedJedis client = RedisClusterClient.builder()
                    .nodes(hosts())
                    .connectionProvider(provider)
                    .commandExecutor(executor)
                    .build();
            return new Link(client, provider, executor::execute);
        }
        if (settings.sentinelMaster().isPresent()) {
            String master = settings.sentinelMaster().get();
            ConnectionProvider provider =
                    new SentineledConnectionProvider(master, config().build(), pool(), hosts(), sentinelConfig());
            UnifiedJedis client = RedisSentinelClient.builder()
                    .masterName(master)
                    .sentinels(hosts())
                    .connectionProvider(provider)
                    .build();
            return Link.direct(client, provider);
        }
        ConnectionProvider provider = new PooledConnectionProvider(
                new HostAndPort(settings.host(), settings.port()), config().build(), pool());
        return Link.direct(RedisClient.builder().connectionProvider(provider).build(), provider);
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
