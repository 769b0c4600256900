package dev.taskqueue.internal.config;

import dev.taskqueue.TaskOptions;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.broker.TlsSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The settings that say where Redis is and how a queue is kept there: the same for workers and clients. */
public final class BrokerVariables {

    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private BrokerVariables() {}

    /**
     * Reads {@code REDIS_URL}, or {@code REDIS_ADDR}, {@code REDIS_USERNAME}, {@code REDIS_PASSWORD} and {@code REDIS_DB};
     * {@code REDIS_MODE} with {@code REDIS_SENTINEL_MASTER} and {@code REDIS_SENTINEL_PASSWORD}; and {@code REDIS_TLS},
     * {@code REDIS_TLS_CA}, {@code REDIS_TLS_CERT} and {@code REDIS_TLS_KEY}.
     *
     * @param variables where to read
     * @return where Redis is
     * @throws InvalidSettingException if one has a value that is not allowed, or some do not go together
     */
    public static RedisSettings redis(Variables variables) {
        Optional<String> url = variables.secret("REDIS_URL");
        String address = variables.text("REDIS_ADDR", "localhost:6379");
        refuseUrl("REDIS_ADDR", address);
        Optional<String> user = variables.text("REDIS_USERNAME");
        refuseBlanks("REDIS_USERNAME", user);
        Optional<String> password = variables.secret("REDIS_PASSWORD");
        int database = variables.integer("REDIS_DB", 0, 0, 16_383);
        boolean tls = variables.flag("REDIS_TLS", false);
        String origin = url.isPresent() ? "REDIS_URL" : "REDIS_ADDR";
        try {
            RedisSettings.Builder builder;
            if (url.isPresent()) {
                RedisUrl parsed = RedisUrl.parse(url.get());
                builder = RedisSettings.at(parsed.address());
                user = parsed.user().isPresent() ? parsed.user() : user;
                password = parsed.password().isPresent() ? parsed.password() : password;
                database = parsed.database().orElse(database);
                tls |= parsed.tls();
                requirePassword(
                        parsed.user().isPresent() ? "REDIS_URL names a user" : "REDIS_USERNAME is set", user, password);
            } else {
                builder = RedisSettings.at(address);
                requirePassword("REDIS_USERNAME is set", user, password);
            }
            builder.user(user.orElse("")).password(password.orElse("")).database(database);
            topology(builder, variables, database);
            tls(builder, variables, tls);
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException(origin + ": " + e.getMessage());
        }
    }

    /** Without one the client would log in as the default user, and not say so. */
    private static void requirePassword(String found, Optional<String> user, Optional<String> password) {
        if (user.isPresent() && password.isEmpty()) {
            throw new InvalidSettingException(found + " and there is no password; set REDIS_PASSWORD too");
        }
    }

    private static void refuseBlanks(String name, Optional<String> value) {
        if (value.isPresent() && value.get().chars().anyMatch(c -> c <= ' ')) {
            throw Variables.invalid(name, value.get(), "a name without blanks");
        }
    }

    /** These are printed with every failure of a connection. */
    private static void refuseUrl(String name, String value) {
        if (value.contains("@") || value.contains("/")) {
            throw Variables.misplaced(name);
        }
    }

    private static void topology(RedisSettings.Builder builder, Variables variables, int database) {
        Optional<String> master = variables.text("REDIS_SENTINEL_MASTER");
        refuseUrl("REDIS_SENTINEL_MASTER", master.orElse(""));
        refuseBlanks("REDIS_SENTINEL_MASTER", master);
        Optional<String> sentinelPassword = variables.secret("REDIS_SENTINEL_PASSWORD");
        String mode = variables.text("REDIS_MODE", master.isPresent() ? "sentinel" : "single");
        if (!mode.matches("single|sentinel|cluster")) {
            throw Variables.invalid("REDIS_MODE", mode, "single, sentinel or cluster");
        }
        if (mode.equals("sentinel")) {
            builder.sentinelMaster(master.orElseThrow(() -> new InvalidSettingException(
                            "REDIS_MODE is \"sentinel\"; REDIS_SENTINEL_MASTER must name the master, and is not set")))
                    .sentinelPassword(sentinelPassword.orElse(""));
            return;
        }
        if (master.isPresent()) {
            throw Variables.invalid("REDIS_MODE", mode, "sentinel, as REDIS_SENTINEL_MASTER is set");
        }
        if (sentinelPassword.isPresent()) {
            throw new InvalidSettingException(
                    "REDIS_SENTINEL_PASSWORD is set and REDIS_SENTINEL_MASTER is not; they go together");
        }
        if (mode.equals("cluster")) {
            if (database != 0) {
                throw new InvalidSettingException("REDIS_DB is " + database + "; a cluster has database 0 alone");
            }
            builder.cluster();
        }
    }

    private static void tls(RedisSettings.Builder builder, Variables variables, boolean wanted) {
        Optional<Path> ca = variables.path("REDIS_TLS_CA");
        Optional<Path> certificate = variables.path("REDIS_TLS_CERT");
        Optional<Path> key = variables.path("REDIS_TLS_KEY");
        if (!wanted) {
            refuseWithoutTls("REDIS_TLS_CA", ca);
            refuseWithoutTls("REDIS_TLS_CERT", certificate);
            refuseWithoutTls("REDIS_TLS_KEY", key);
            return;
        }
        if (certificate.isPresent() != key.isPresent()) {
            throw new InvalidSettingException(
                    certificate.isPresent()
                            ? "REDIS_TLS_CERT is set and REDIS_TLS_KEY is not; they go together"
                            : "REDIS_TLS_KEY is set and REDIS_TLS_CERT is not; they go together");
        }
        try {
            TlsSettings settings = TlsSettings.defaults();
            settings = ca.isPresent() ? settings.withCa(ca.get()) : settings;
            builder.tls(
                    certificate.isPresent()
                            ? settings.withCertificate(certificate.get(), key.orElseThrow())
                            : settings);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException(e.getMessage()
                    .replaceFirst("^caFile ", "REDIS_TLS_CA ")
                    .replaceFirst("^certificateFile ", "REDIS_TLS_CERT ")
                    .replaceFirst("^keyFile ", "REDIS_TLS_KEY "));
        }
    }

    private static void refuseWithoutTls(String name, Optional<Path> file) {
        if (file.isPresent()) {
            throw new InvalidSettingException(
                    name + " is set and REDIS_TLS is false; REDIS_TLS must be true, or REDIS_URL begin with rediss://");
        }
    }

    /**
     * Reads {@code QUEUE_NAME}, {@code TASK_ROUTES}, {@code TASK_STATUS_TTL}, {@code IDEMPOTENCY_TTL}, {@code MAX_RECOVERIES},
     * {@code DEFAULT_MAX_RETRIES}, {@code LOG_PAYLOADS}, {@code REDIS_WAIT_REPLICAS} and {@code REDIS_WAIT_TIMEOUT}.
     *
     * @param redis where Redis is
     * @param variables where to read
     * @return a builder for the broker
     * @throws InvalidSettingException if one has a value that is not allowed
     */
    public static RedisBroker.Builder broker(RedisSettings redis, Variables variables) {
        RedisBroker.Builder builder = unrouted(redis, variables);
        routes(builder, variables);
        return builder;
    }

    /**
     * The same for a program that was told the queue: {@code TASK_ROUTES} is checked all the same, and left out.
     *
     * @param redis where Redis is
     * @param variables where to read
     * @return a builder for the broker
     * @throws InvalidSettingException if one has a value that is not allowed
     */
    public static RedisBroker.Builder brokerOfOneQueue(RedisSettings redis, Variables variables) {
        broker(redis, variables);
        return unrouted(redis, variables);
    }

    private static RedisBroker.Builder unrouted(RedisSettings redis, Variables variables) {
        String queue = variables.text("QUEUE_NAME", RedisBroker.Builder.DEFAULT_QUEUE);
        RedisBroker.Builder builder = RedisBroker.at(redis);
        try {
            builder.queue(queue);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException("QUEUE_NAME: " + e.getMessage());
        }
        return builder.taskStatusTtl(variables.duration("TASK_STATUS_TTL", DAY, Duration.ZERO, YEAR))
                .idempotencyTtl(variables.duration("IDEMPOTENCY_TTL", DAY, Duration.ofSeconds(1), YEAR))
                .maxRecoveries(variables.integer("MAX_RECOVERIES", 3, 0, 1_000_000))
                .waitForReplicas(
                        variables.integer("REDIS_WAIT_REPLICAS", 0, 0, 100),
                        variables.duration("REDIS_WAIT_TIMEOUT", SECOND, Duration.ofMillis(1), MINUTE))
                .logPayloads(variables.flag("LOG_PAYLOADS", false))
                .defaultMaxRetries(
                        variables.integer("DEFAULT_MAX_RETRIES", TaskOptions.DEFAULT_MAX_RETRIES, 0, 10_000));
    }

    /** Entries {@code type=queue}, with commas between; a type may hold {@code =}, the name of a queue may not. */
    private static void routes(RedisBroker.Builder builder, Variables variables) {
        Optional<String> text = variables.text("TASK_ROUTES");
        if (text.isEmpty()) {
            return;
        }
        int number = 0;
        for (String entry : text.get().split(",", -1)) {
            number++;
            int sign = entry.lastIndexOf('=');
            String name = "TASK_ROUTES entry " + number;
            if (sign < 0) {
                throw Variables.invalid(
                        name,
                        entry.strip(),
                        "type=queue, or prefix*=queue, such as email:*=emails; commas lie between entries");
            }
            try {
                builder.route(
                        entry.substring(0, sign).strip(),
                        entry.substring(sign + 1).strip());
            } catch (IllegalArgumentException e) {
                throw new InvalidSettingException(
                        name + " is \"" + Variables.printable(entry.strip()) + "\": " + e.getMessage());
            }
        }
    }

    /** A {@code redis://} or {@code rediss://} address; its own text is never part of a message, for its password. */
    private record RedisUrl(
            boolean tls, String address, Optional<String> user, Optional<String> password, Optional<Integer> database) {

        private static final String ENCODING =
                "in a user or password @ must be written %40, / %2F, ? %3F, # %23, % %25";

        static RedisUrl parse(String text) {
            URI uri;
            try {
                uri = new URI(text);
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException("it cannot be read: " + e.getReason() + "; " + ENCODING, null);
            }
            boolean tls = "rediss".equals(uri.getScheme());
            if (!tls && !"redis".equals(uri.getScheme())) {
                throw new IllegalArgumentException("it must begin with redis:// or rediss://");
            }
            if (text.indexOf('@') != text.lastIndexOf('@')) {
                throw new IllegalArgumentException("it has more than one @; " + ENCODING);
            }
            if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
                // Most likely of the password: what stands before it would pass for the host.
                throw new IllegalArgumentException("it holds a ? or a #; " + ENCODING);
            }
            String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
            if (path.contains("@")) {
                throw new IllegalArgumentException("it holds a / before the @; " + ENCODING);
            }
            if (uri.getHost() == null) {
                throw new IllegalArgumentException(
                        "it names no host of letters, digits, dots and dashes; it must be redis://user:password@host:port/db");
            }
            if (!path.matches("\\d{0,5}")) {
                throw new IllegalArgumentException("its path is the database; it must be a number");
            }
            String info = uri.getUserInfo() == null ? "" : uri.getUserInfo();
            int colon = info.indexOf(':');
            return new RedisUrl(
                    tls,
                    uri.getHost() + ":" + (uri.getPort() < 0 ? 6379 : uri.getPort()),
                    text(colon < 0 ? "" : info.substring(0, colon)),
                    text(colon < 0 ? info : info.substring(colon + 1)),
                    path.isEmpty() ? Optional.empty() : Optional.of(Integer.parseInt(path)));
        }

        private static Optional<String> text(String text) {
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        }
    }
}
