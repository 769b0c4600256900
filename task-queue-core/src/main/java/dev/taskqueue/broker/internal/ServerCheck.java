package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Finding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** Looks at the server once, for what would break a promise. */
final class ServerCheck {

    private static final int LEAST_MAJOR = 6;
    private static final int LEAST_MINOR = 2;

    private final Redis redis;
    private final String address;

    ServerCheck(Redis redis, String address) {
        this.redis = redis;
        this.address = address;
    }

    List<String> run() {
        Optional<Map<String, String>> info = look();
        if (info.isEmpty()) {
            return List.of("the Redis user may not run INFO: neither its version nor its settings could be checked");
        }
        fault(info.get()).ifPresent(sentence -> {
            throw new BrokerRejectedException(sentence, null);
        });
        return weaknesses(info.get()).stream().map(Weakness::sentence).toList();
    }

    /**
     * A setting under which tasks can be lost.
     *
     * @param what what it is set to
     * @param meaning what that leads to
     * @param todo what to set
     */
    record Weakness(Finding.Code code, String what, String meaning, String todo) {

        String sentence() {
            return what + ": " + meaning + "; " + todo;
        }
    }

    /**
     * What {@code INFO} tells; empty where the user may not ask.
     *
     * @throws BrokerRejectedException if a setting of ours is wrong
     * @throws BrokerUnavailableException if it does not answer, or is loading its data
     */
    Optional<Map<String, String>> look() {
        Map<String, String> info;
        try {
            info = info();
        } catch (BrokerRejectedException | BrokerUnavailableException e) {
            if (e.getCause() instanceof JedisDataException refusal
                    && ErrorCode.of(String.valueOf(refusal.getMessage())).equals("NOPERM")) {
                return Optional.empty();
            }
            Optional<String> fault = redis.settingsFault(e.getCause());
            if (fault.isPresent()) {
                throw new BrokerRejectedException(fault.get(), e);
            }
            throw e;
        }
        if (info.getOrDefault("loading", "0").equals("1")) {
            // Its append-only file counts as turned off until it has been read.
            throw new BrokerUnavailableException("Redis at " + address + " is loading its data", null);
        }
        return Optional.of(info);
    }

    /** Why this server will not do at all; empty for one that does. */
    Optional<String> fault(Map<String, String> info) {
        return faultOfMode(info.getOrDefault("redis_mode", "standalone"))
                .or(() -> faultOfVersion(info.getOrDefault("redis_version", "")));
    }

    private Optional<String> faultOfMode(String mode) {
        if (mode.equals("sentinel")) {
            return Optional.of(
                    "the server at " + address + " is a Sentinel; set REDIS_SENTINEL_MASTER to the name of the master");
        }
        return mode.equals("cluster") && !redis.isCluster()
                ? Optional.of("Redis at " + address + " is part of a cluster; set REDIS_MODE=cluster")
                : Optional.empty();
    }

    private Map<String, String> info() {
        Map<String, String> fields = new HashMap<>();
        redis.command("check", Bytes::replyText, new CommandArguments(Command.INFO))
                .lines()
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    if (colon > 0) {
                        fields.put(
                                line.substring(0, colon),
                                line.substring(colon + 1).strip());
                    }
                });
        return fields;
    }

    private Optional<String> faultOfVersion(String version) {
        String[] parts = version.split("\\.");
        try {
            int major = Integer.parseInt(parts[0]);
            int minor = Integer.parseInt(parts[1]);
            if (major > LEAST_MAJOR || major == LEAST_MAJOR && minor >= LEAST_MINOR) {
                return Optional.empty();
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            // A version of another form is told like one that is too old.
        }
        return Optional.of("Redis at " + address + " has version \"" + version + "\"; " + LEAST_MAJOR + "."
                + LEAST_MINOR + " or newer is needed, or Valkey");
    }

    static List<Weakness> weaknesses(Map<String, String> info) {
        List<Weakness> weaknesses = new ArrayList<>();
        String policy = info.getOrDefault("maxmemory_policy", "noeviction");
        if (!policy.equals("noeviction")) {
            weaknesses.add(new Weakness(
                    Finding.Code.EVICTION_ON,
                    "maxmemory-policy is " + policy,
                    "once its memory is full, Redis throws tasks away",
                    "set it to noeviction"));
        }
        if (info.getOrDefault("aof_enabled", "1").equals("0")) {
            weaknesses.add(new Weakness(
                    Finding.Code.APPEND_ONLY_OFF,
                    "appendonly is no",
                    "if Redis crashes, all that came since its last snapshot is lost",
                    "set it to yes"));
        }
        return weaknesses;
    }
}
