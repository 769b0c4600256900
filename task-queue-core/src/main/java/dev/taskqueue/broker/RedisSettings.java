package dev.taskqueue.broker;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Where Redis is and how to talk to it. Immutable; every {@code with…} method returns a copy.
 *
 * @param host name or address, {@code localhost} by default
 * @param port 1 to 65535, 6379 by default
 * @param password empty for none; never printed
 * @param database 0 to 16383, 0 by default
 * @param connectTimeout how long to wait for a connection, 2 s by default; 1 ms or more
 * @param socketTimeout how long to wait for any answer, 5 s by default; a blocking command waits for its own time and
 *     this on top; 1 ms or more
 * @param maxConnections at most so many at once, opened as needed, 64 by default; a worker needs five and one for each
 *     handler that talks to its broker at the same time
 */
public record RedisSettings(
        String host,
        int port,
        Optional<String> password,
        int database,
        Duration connectTimeout,
        Duration socketTimeout,
        int maxConnections) {

    private static final int DEFAULT_PORT = 6379;

    /**
     * Checks every field.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it
     */
    public RedisSettings {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host is blank; it must be a name or an address");
        }
        check("port", port, 1, 65535);
        Objects.requireNonNull(password, "password");
        check("database", database, 0, 16383);
        check("connectTimeout in ms", connectTimeout.toMillis(), 1, Integer.MAX_VALUE);
        check("socketTimeout in ms", socketTimeout.toMillis(), 1, Integer.MAX_VALUE);
        check("maxConnections", maxConnections, 1, 10_000);
    }

    /**
     * @param address {@code host}, {@code host:port}, {@code :port} or {@code [ipv6]:port}; the port is 6379 if not given
     * @return settings for that address, with the defaults for the rest
     * @throws IllegalArgumentException if the address cannot be read
     */
    public static RedisSettings of(String address) {
        String host = address.strip();
        int port = DEFAULT_PORT;
        int colon = host.lastIndexOf(':');
        boolean bareIpv6 = colon != host.indexOf(':') && !host.startsWith("[");
        if (colon >= 0 && !bareIpv6 && host.indexOf(']') < colon) {
            try {
                port = Integer.parseInt(host.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "address is \"" + address + "\"; it must be host:port with a port of 1 to 65535", e);
            }
            host = host.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return new RedisSettings(
                host.isEmpty() ? "localhost" : host,
                port,
                Optional.empty(),
                0,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                64);
    }

    /**
     * @param newPassword the password; empty text means none
     * @return a copy with that password
     */
    public RedisSettings withPassword(String newPassword) {
        Optional<String> given = newPassword.isEmpty() ? Optional.empty() : Optional.of(newPassword);
        return new RedisSettings(host, port, given, database, connectTimeout, socketTimeout, maxConnections);
    }

    /**
     * @param newDatabase 0 to 16383
     * @return a copy with that database
     */
    public RedisSettings withDatabase(int newDatabase) {
        return new RedisSettings(host, port, password, newDatabase, connectTimeout, socketTimeout, maxConnections);
    }

    /**
     * @param newConnectTimeout how long to wait for a connection; 1 ms or more
     * @param newSocketTimeout how long to wait for any answer; 1 ms or more
     * @return a copy with those timeouts
     */
    public RedisSettings withTimeouts(Duration newConnectTimeout, Duration newSocketTimeout) {
        return new RedisSettings(host, port, password, database, newConnectTimeout, newSocketTimeout, maxConnections);
    }

    /**
     * @param newMaxConnections 1 to 10,000
     * @return a copy with that bound
     */
    public RedisSettings withMaxConnections(int newMaxConnections) {
        return new RedisSettings(host, port, password, database, connectTimeout, socketTimeout, newMaxConnections);
    }

    /**
     * @return the address as {@code host:port}
     */
    public String address() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Everything but the password. */
    @Override
    public String toString() {
        return address() + "/" + database + (password.isPresent() ? " (with a password)" : "");
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; allowed is " + min + " to " + max);
        }
    }
}
