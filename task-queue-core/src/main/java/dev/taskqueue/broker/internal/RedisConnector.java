package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.broker.RedisSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
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
     * @throws BrokerRejectedException if it cannot succeed with these settings
     * @throws JedisException if no Sentinel, or no node of the cluster, answers
     */
    RedisLink connect() {
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

    private RedisLink open() {
        if (settings.cluster()) {
            ClusterConnectionProvider provider = new ClusterConnectionProvider(hosts(), config().build(), pool());
            ClusterExecutor executor = new ClusterExecutor(provider);
            return new RedisLink(provider, executor::execute);
        }
        if (settings.sentinelMaster().isPresent()) {
            String master = settings.sentinelMaster().get();
            ConnectionProvider provider =
                    new SentineledConnectionProvider(master, config().build(), pool(), hosts(), sentinelConfig());
            return RedisLink.direct(provider);
        }
        ConnectionProvider provider = new PooledConnectionProvider(
                new HostAndPort(settings.host(), settings.port()), config().build(), pool());
        return RedisLink.direct(provider);
    }

    private Set<HostAndPort> hosts() {
        return settings.addresses().stream()
                .map(RedisAddress::parse)
                .map(address -> new HostAndPort(address.host(), address.port()))
                .collect(Collectors.toSet());
    }

    private DefaultJedisClientConfig.Builder config() {
        int socketTimeout = Math.toIntExact(settings.socketTimeout().toMillis());
        DefaultJedisClientConfig.Builder config = plainConfig()
                .database(settings.database())
                .socketTimeoutMillis(socketTimeout)
                .blockingSocketTimeoutMillis(socketTimeout + Math.toIntExact(longestBlock.toMillis()));
        authenticate(config, settings.user(), settings.password());
        return config;
    }

    private DefaultJedisClientConfig sentinelConfig() {
        DefaultJedisClientConfig.Builder config = plainConfig();
        authenticate(config, Optional.empty(), settings.sentinelPassword());
        return config.build();
    }

    /** By name in any case: a server without a password takes any from its default user, and none from nobody. */
    private static void authenticate(
            DefaultJedisClientConfig.Builder config, Optional<String> user, Optional<String> password) {
        if (password.isPresent()) {
            config.user(user.orElse("default")).password(password.get());
        }
    }

    private DefaultJedisClientConfig.Builder plainConfig() {
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                // RESP2, which every connection begins with: to ask for it is a round trip more, and a hundred classes.
                .autoNegotiateProtocol(false)
                .clientName("task-queue")
                // An ACL user with few rights would be refused it, at every connection.
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .connectionTimeoutMillis(
                        Math.toIntExact(settings.connectTimeout().toMillis()));
        settings.tls().ifPresent(tls -> config.sslOptions(TlsOptions.read(tls)));
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
