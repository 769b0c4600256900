package dev.taskqueue.broker.internal;

import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.broker.TlsSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Tells a failure that only another setting mends from one that may pass, such as a connection that is refused. A sentence
 * names settings as the environment does.
 */
final class SettingsFault {

    private static final Pattern REFUSED_COMMAND = Pattern.compile("'([^']+)' command");

    private final RedisSettings settings;
    private final Supplier<JedisClientConfig> sentinelConfig;
    private final List<RedisAddress> addresses;
    private final String server;

    /**
     * @param sentinelConfig how Sentinels are talked to
     */
    SettingsFault(RedisSettings settings, Supplier<JedisClientConfig> sentinelConfig) {
        this.settings = settings;
        this.sentinelConfig = sentinelConfig;
        addresses = new ArrayList<>();
        for (String address : settings.addresses()) {
            addresses.add(RedisAddress.parse(address));
        }
        server = "Redis at " + settings.address();
    }

    /**
     * What to do about an error that Redis replies, for the end of a message.
     *
     * @param text the message, with the error in it
     * @return with a semicolon in front; empty where nothing is to be said
     */
    static String hint(String text) {
        if (text.contains("NOAUTH ")) {
            return "; set REDIS_PASSWORD";
        }
        if (text.contains("WRONGPASS ")) {
            return "; check REDIS_USERNAME and REDIS_PASSWORD";
        }
        if (text.contains("NOPERM ")) {
            return "; give the user the rights in deploy/redis-user.acl";
        }
        return "";
    }

    /** Why TLS cannot work with any address, before a connection is tried that would have to wait for its time limits. */
    Optional<String> ofAddresses() {
        return settings.tls().isPresent() && addresses.stream().anyMatch(WireProbe::speaksPlain)
                ? Optional.of("REDIS_TLS is true, or REDIS_URL begins with rediss://, but " + server
                        + " does not speak TLS; turn TLS off, or name the port that speaks it")
                : Optional.empty();
    }

    /**
     * @param failure what the client library threw
     * @return a sentence; empty for a failure that may pass
     */
    Optional<String> of(Throwable failure) {
        Set<Throwable> causes = causes(failure);
        for (Throwable cause : causes) {
            Optional<String> sentence = ofRefusal(String.valueOf(cause.getMessage()))
                    .or(() -> ofHandshake(String.valueOf(cause.getMessage())));
            if (sentence.isPresent()) {
                return sentence;
            }
        }
        if (settings.sentinelMaster().isPresent()) {
            Optional<String> sentence = ofSentinels(settings.sentinelMaster().get());
            if (sentence.isPresent()) {
                return sentence;
            }
        }
        return isBroken(causes) ? ofProtocol() : Optional.empty();
    }

    private Optional<String> ofRefusal(String error) {
        String code = ErrorCode.of(error);
        if (code.equals("NOAUTH")) {
            return Optional.of(server + " asks for a password; set REDIS_PASSWORD");
        }
        if (code.equals("WRONGPASS") || error.startsWith("ERR invalid password")) {
            return Optional.of(
                    settings.user().isPresent()
                            ? server
                                    + " rejects the user or the password (WRONGPASS); check REDIS_USERNAME and REDIS_PASSWORD"
                            : server
                                    + " rejects the password (WRONGPASS); check REDIS_PASSWORD, or name its user in REDIS_USERNAME");
        }
        if (error.startsWith("ERR AUTH")) {
            return Optional.of(server + " has no password; leave REDIS_PASSWORD out");
        }
        if (error.startsWith("ERR DB index") || error.startsWith("ERR invalid DB index")) {
            return Optional.of("REDIS_DB is " + settings.database() + "; " + server + " has fewer databases");
        }
        if (error.contains("This instance has cluster support disabled")) {
            return Optional.of("REDIS_MODE is cluster, but " + server + " is no part of a cluster");
        }
        if (code.equals("NOPERM")) {
            Matcher command = REFUSED_COMMAND.matcher(error);
            // Without INFO alone all works; ServerCheck says what it cannot tell then.
            if (command.find() && !command.group(1).equals("info")) {
                return Optional.of(server + " does not let this user run " + command.group(1)
                        + "; give the user the rights in deploy/redis-user.acl");
            }
        }
        return Optional.empty();
    }

    private Optional<String> ofHandshake(String message) {
        // The latter of a CA of the same name, such as a renewed one.
        if (message.contains("unable to find valid certification path") || message.contains("signature check failed")) {
            return Optional.of(settings.tls()
                    .flatMap(TlsSettings::caFile)
                    .map(file ->
                            "REDIS_TLS_CA is \"" + file + "\"; it does not hold the CA of the certificate of " + server)
                    .orElse("the JVM does not trust the certificate of " + server
                            + "; set REDIS_TLS_CA to the certificate of its CA"));
        }
        if (message.contains("No subject alternative") || message.contains("No name matching")) {
            return Optional.of("the TLS certificate of " + server
                    + " is for another host; REDIS_ADDR or REDIS_URL must name the host as the certificate does");
        }
        return Optional.empty();
    }

    private Optional<String> ofProtocol() {
        RedisAddress address = addresses.get(0);
        if (settings.tls().isEmpty()) {
            return WireProbe.speaksTls(address)
                    ? Optional.of(server + " speaks TLS; set REDIS_TLS=true, or begin REDIS_URL with rediss://")
                    : Optional.empty();
        }
        TlsSettings tls = settings.tls().get();
        try {
            return WireProbe.refusal(address, TlsOptions.read(tls).createSslContext())
                    .flatMap(alert -> ofAlert(alert, tls));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            // The files have changed meanwhile.
            return Optional.empty();
        }
    }

    private Optional<String> ofAlert(String alert, TlsSettings tls) {
        if (!alert.contains("fatal alert")) {
            return Optional.empty();
        }
        return Optional.of(tls.certificateFile()
                .map(file -> "REDIS_TLS_CERT is \"" + file + "\"; " + server + " does not accept that certificate ("
                        + alert + ")")
                .orElse(server + " asks for a client certificate; set REDIS_TLS_CERT and REDIS_TLS_KEY"));
    }

    /** The client library keeps to itself what the Sentinels say. */
    private Optional<String> ofSentinels(String master) {
        for (RedisAddress address : addresses) {
            try (Connection connection =
                    new Connection(new HostAndPort(address.host(), address.port()), sentinelConfig.get())) {
                connection.sendCommand(new CommandArguments(Command.SENTINEL)
                        .add("GET-MASTER-ADDR-BY-NAME")
                        .add(master));
                if (connection.getOne() == null) {
                    return Optional.of("REDIS_SENTINEL_MASTER is \"" + master + "\"; the Sentinel at " + address
                            + " watches no master of that name");
                }
                return Optional.empty();
            } catch (JedisDataException e) {
                return ofSentinelRefusal(address, String.valueOf(e.getMessage()));
            } catch (JedisException e) {
                // The next one may answer.
            }
        }
        return Optional.empty();
    }

    private static Optional<String> ofSentinelRefusal(RedisAddress address, String error) {
        if (error.startsWith("ERR unknown command")) {
            return Optional.of("REDIS_SENTINEL_MASTER is set, but the server at " + address
                    + " is not a Sentinel; REDIS_ADDR must name Sentinels, or REDIS_MODE be single");
        }
        String code = ErrorCode.of(error);
        return code.equals("NOAUTH") || code.equals("WRONGPASS") || error.startsWith("ERR AUTH")
                ? Optional.of(
                        "the Sentinel at " + address + " rejects REDIS_SENTINEL_PASSWORD, or asks for it: " + error)
                : Optional.empty();
    }

    /** Whether a connection was made and broke: one that is refused, or a name that is not known yet, may pass. */
    private static boolean isBroken(Collection<Throwable> causes) {
        boolean broken = causes.stream().anyMatch(JedisConnectionException.class::isInstance)
                || causes.stream().anyMatch(IOException.class::isInstance);
        return broken
                && causes.stream()
                        .noneMatch(cause -> cause instanceof SocketTimeoutException
                                || cause instanceof UnknownHostException
                                || cause instanceof ConnectException);
    }

    private static Set<Throwable> causes(Throwable failure) {
        Set<Throwable> found = new LinkedHashSet<>();
        List<Throwable> open = new ArrayList<>();
        open.add(failure);
        while (!open.isEmpty()) {
            Throwable next = open.remove(0);
            if (next != null && found.add(next)) {
                open.add(next.getCause());
                open.addAll(List.of(next.getSuppressed()));
            }
        }
        return found;
    }
}
