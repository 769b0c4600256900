package dev.taskqueue.broker;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        Map<String, String> info;
        try {
            info = info();
        } catch (BrokerRejectedException e) {
            throw e;
        } catch (BrokerUnavailableException e) {
            Optional<String> fault = redis.settingsFault(e.getCause());
            if (fault.isPresent()) {
                throw new BrokerRejectedException(fault.get(), e);
            }
            if (e.getCause() instanceof JedisDataException refusal
                    && ErrorCode.of(String.valueOf(refusal.getMessage())).equals("NOPERM")) {
                return List.of(
                        "the Redis user may not run INFO: neither its version nor its settings could be checked");
            }
            throw e;
        }
        if (info.getOrDefault("loading", "0").equals("1")) {
            // Its append-only file counts as turned off until it has been read.
            throw new BrokerUnavailableException("Redis at " + address + " is loading its data", null);
        }
        requireMode(info.getOrDefault("redis_mode", "standalone"));
        requireVersion(info.getOrDefault("redis_version", ""));
        return warnings(info);
    }

    private void requireMode(String mode) {
        if (mode.equals("sentinel")) {
            throw new BrokerRejectedException(
                    "the server at " + address + " is a Sentinel; set REDIS_SENTINEL_MASTER to the name of the master",
                    null);
        }
        if (mode.equals("cluster") && !redis.isCluster()) {
            throw new BrokerRejectedException(
                    "Redis at " + address + " is part of a cluster; set REDIS_MODE=cluster", null);
        }
    }

    private Map<String, String> info() {
        Map<String, String> fields = new HashMap<>();
        redis.call("check", client -> client.info()).lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return fields;
    }

    private void requireVersion(String version) {
        String[] parts = version.split("\\.");
        try {
            int major = Integer.parseInt(parts[0]);
            int minor = Integer.parseInt(parts[1]);
            if (major > LEAST_MAJOR || major == LEAST_MAJOR && minor >= LEAST_MINOR) {
                return;
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            // A version of another form is told like one that is too old.
        }
        throw new BrokerRejectedException(
                "Redis at " + address + " has version \"" + version + "\"; " + LEAST_MAJOR + "." + LEAST_MINOR
                        + " or newer is needed, or Valkey",
                null);
    }

    private static List<String> warnings(Map<String, String> info) {
        List<String> warnings = new ArrayList<>();
        String policy = info.getOrDefault("maxmemory_policy", "noeviction");
        if (!policy.equals("noeviction")) {
            warnings.add("maxmemory-policy is " + policy
                    + ": once its memory is full, Redis throws tasks away; set it to noeviction");
        }
        if (info.getOrDefault("aof_enabled", "1").equals("0")) {
            warnings.add(
                    "appendonly is no: if Redis crashes, all that came since its last snapshot is lost; set it to yes");
        }
        return warnings;
    }
}
