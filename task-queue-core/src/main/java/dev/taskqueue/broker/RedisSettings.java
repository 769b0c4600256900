package dev.taskqueue.broker;

import dev.taskqueue.broker.internal.Ranges;
import dev.taskqueue.broker.internal.RedisAddress;
import dev.taskqueue.broker.internal.TlsOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where Redis is and how to talk to it: one server, one behind Sentinels, or a cluster. Immutable. */
public final class RedisSettings {

    private final List<RedisAddress> addresses;
    private final boolean cluster;
    private final Optional<String> sentinelMaster;
    private final Optional<String> sentinelPassword;
    private final Optional<String> user;
    private final Optional<String> password;
    private final int database;
    private final Optional<TlsSettings> tls;
    private final Duration connectTimeout;
    private final Duration socketTimeout;
    private final int maxConnections;

    private RedisSettings(Builder builder) {
        addresses = List.copyOf(builder.addresses);
        cluster = builder.cluster;
        sentinelMaster = builder.sentinelMaster;
        sentinelPassword = builder.sentinelPassword;
        user = builder.user;
        password = builder.password;
        database = builder.database;
        tls = builder.tls;
        connectTimeout = builder.connectTimeout;
        socketTimeout = builder.socketTimeout;
        maxConnections = builder.maxConnections;
    }

    /**
     * @param address {@code host}, {@code host:port} or {@code [ipv6]:port}, the port being 6379 if not given; or several, with
     *     commas between: the Sentinels, or some nodes of the cluster
     * @return settings for that address, with the defaults for the rest
     * @throws IllegalArgumentException if an address cannot be read, as one with a scheme, a user or a password, which the
     *     message does not show
     */
    public static RedisSettings of(String address) {
        return at(address).build();
    }

    /**
     * @param address as for {@link #of}
     * @return a builder with the defaults for the rest
     */
    public static Builder at(String address) {
        return new Builder(address);
    }

    /**
     * @return a builder that starts from these settings
     */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * @return each address as {@code host:port}; one, or more with Sentinels or a cluster
     */
    public List<String> addresses() {
        List<String> texts = new ArrayList<>(addresses.size());
        for (RedisAddress address : addresses) {
            texts.add(address.toString());
        }
        return Collections.unmodifiableList(texts);
    }

    /**
     * @return whether they are nodes of a Redis Cluster
     */
    public boolean cluster() {
        return cluster;
    }

    /**
     * @return the name of the master that Sentinels watch; empty without Sentinels
     */
    public Optional<String> sentinelMaster() {
        return sentinelMaster;
    }

    /**
     * @return the password of the Sentinels; must never be printed
     */
    public Optional<String> sentinelPassword() {
        return sentinelPassword;
    }

    /**
     * @return the ACL user; empty for the default one
     */
    public Optional<String> user() {
        return user;
    }

    /**
     * @return the settings for TLS; empty for a plain connection
     */
    public Optional<TlsSettings> tls() {
        return tls;
    }

    /**
     * @return how long to wait for a connection
     */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * @return how long to wait for an answer
     */
    public Duration socketTimeout() {
        return socketTimeout;
    }

    /**
     * @return how many connections there are at most
     */
    public int maxConnections() {
        return maxConnections;
    }

    /**
     * @return the host of the first address
     */
    public String host() {
        return addresses.get(0).host();
    }

    /**
     * @return the port of the first address
     */
    public int port() {
        return addresses.get(0).port();
    }

    /**
     * @return the password; must never be printed
     */
    public Optional<String> password() {
        return password;
    }

    /**
     * @return the number of the database
     */
    public int database() {
        return database;
    }

    /**
     * @return the addresses as {@code host:port}, with commas between
     */
    public String address() {
        return String.join(",", addresses());
    }

    /** Everything but the passwords. */
    @Override
    public String toString() {
        String master =
                sentinelMaster.map(name -> " (Sentinel, master " + name + ")").orElse("");
        return (tls.isPresent() ? "rediss://" : "redis://") + address() + "/" + database + master
                + (cluster ? " (cluster)" : "");
    }

    /** Collects {@link RedisSettings}. Not thread-safe. Every method throws IllegalArgumentException if out of range. */
    public static final class Builder {

        private final List<RedisAddress> addresses;
        private boolean cluster;
        private Optional<String> sentinelMaster = Optional.empty();
        private Optional<String> sentinelPassword = Optional.empty();
        private Optional<String> user = Optional.empty();
        private Optional<String> password = Optional.empty();
        private int database;
        private Optional<TlsSettings> tls = Optional.empty();
        private Duration connectTimeout = Duration.ofSeconds(2);
        private Duration socketTimeout = Duration.ofSeconds(5);
        private int maxConnections = 64;

        private Builder(String text) {
            addresses = new ArrayList<>();
            for (String address : text.split(",")) {
                addresses.add(RedisAddress.parse(address));
            }
        }

        private Builder(RedisSettings from) {
            addresses = from.addresses;
            cluster = from.cluster;
            sentinelMaster = from.sentinelMaster;
            sentinelPassword = from.sentinelPassword;
            user = from.user;
            password = from.password;
            database = from.database;
            tls = from.tls;
            connectTimeout = from.connectTimeout;
            socketTimeout = from.socketTimeout;
            maxConnections = from.maxConnections;
        }

        /**
         * Says that the addresses are nodes of a Redis Cluster. The queue's keys then begin with {@code {name}}.
         *
         * @return this
         */
        public Builder cluster() {
            cluster = true;
            return this;
        }

        /**
         * Says that the addresses are Sentinels.
         *
         * @param master the name under which they watch the master
         * @return this
         */
        public Builder sentinelMaster(String master) {
            sentinelMaster = Optional.of(master);
            return this;
        }

        /**
         * @param secret the Sentinels' own password; empty text means none, which is the default
         * @return this
         */
        public Builder sentinelPassword(String secret) {
            sentinelPassword = given(secret);
            return this;
        }

        /**
         * @param name the ACL user, who needs a password; empty text means the default one
         * @return this
         */
        public Builder user(String name) {
            user = given(name);
            return this;
        }

        /**
         * @param secret the password; empty text means none, which is the default
         * @return this
         */
        public Builder password(String secret) {
            password = given(secret);
            return this;
        }

        /**
         * @param number 0 to 16383, 0 by default; a cluster has 0 alone
         * @return this
         */
        public Builder database(int number) {
            database = Ranges.check("database", number, 0, 16_383);
            return this;
        }

        /**
         * Turns TLS on. The files are read and checked at once, and read again for connections.
         *
         * @param settings the trust store and the client certificate
         * @return this
         */
        public Builder tls(TlsSettings settings) {
            TlsOptions.read(settings);
            tls = Optional.of(settings);
            return this;
        }

        /**
         * @param connect how long to wait for a connection, 2 s by default; 1 ms to 1 h
         * @param socket how long to wait for any answer, 5 s by default; a blocking command waits for its own time and this
         *     on top; 1 ms to 1 h
         * @return this
         */
        public Builder timeouts(Duration connect, Duration socket) {
            Ranges.check("connect timeout in ms", connect.toMillis(), 1, 3_600_000);
            Ranges.check("socket timeout in ms", socket.toMillis(), 1, 3_600_000);
            connectTimeout = connect;
            socketTimeout = socket;
            return this;
        }

        /**
         * @param connections at most so many at once, opened as needed, 64 by default; a worker needs seven, and one for
         *     each handler that talks to its broker at the same time; 1 to 10,000
         * @return this
         */
        public Builder maxConnections(int connections) {
            maxConnections = Ranges.check("maxConnections", connections, 1, 10_000);
            return this;
        }

        /**
         * @return the settings
         * @throws IllegalArgumentException if they do not go together
         */
        public RedisSettings build() {
            if (cluster && sentinelMaster.isPresent()) {
                throw new IllegalArgumentException("a cluster and a Sentinel master are given; only one is allowed");
            }
            if (cluster && database != 0) {
                throw new IllegalArgumentException("database is " + database + "; a cluster has database 0 alone");
            }
            if (user.isPresent() && password.isEmpty()) {
                throw new IllegalArgumentException("a user is given and no password; a user needs one");
            }
            if (!cluster && sentinelMaster.isEmpty() && addresses.size() > 1) {
                throw new IllegalArgumentException("several addresses are given, " + addresses
                        + "; they need a cluster or a Sentinel master, without which only one is allowed");
            }
            return new RedisSettings(this);
        }

        private static Optional<String> given(String text) {
            return Objects.requireNonNull(text).isEmpty() ? Optional.empty() : Optional.of(text);
        }
    }
}
