package dev.taskqueue.broker.internal;

import dev.taskqueue.Finding;
import dev.taskqueue.Finding.Code;
import dev.taskqueue.Finding.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What {@code INFO} tells of what is wrong with the server. Not thread-safe. */
final class ServerFindings {

    /** In percent. The rest takes hours to fill at the pace of most queues: time to act before enqueueing is refused. */
    private static final long MEMORY_WARNING = 80;

    /** In percent. Copies for a rewrite of the append-only file can take what is left. */
    private static final long MEMORY_CRITICAL = 95;

    /** In percent. A deployment connects the new workers before the old ones leave. */
    private static final long CLIENTS_WARNING = 85;

    /** In bytes. A healthy replica is a few kilobytes behind, and takes this in within a tenth of a second. */
    private static final long LAG_BYTES = 8 << 20;

    private final Map<String, String> info;
    private final ServerCheck server;
    private final ReplicaWait replicas;
    private final List<Finding> findings = new ArrayList<>();

    ServerFindings(Map<String, String> info, ServerCheck server, ReplicaWait replicas) {
        this.info = info;
        this.server = server;
        this.replicas = replicas;
    }

    List<Finding> all() {
        server.fault(info)
                .ifPresent(fault -> add(
                        Severity.CRITICAL,
                        Code.SERVER_UNSUITABLE,
                        Character.toUpperCase(fault.charAt(0)) + fault.substring(1),
                        "workers do not start on it",
                        "change the settings or the server"));
        if (info.getOrDefault("role", "master").equals("slave")) {
            add(
                    Severity.CRITICAL,
                    Code.SERVER_UNSUITABLE,
                    "The server is a replica",
                    "it refuses every write: nothing is enqueued or run",
                    "set REDIS_ADDR to the primary, or use REDIS_SENTINEL_MASTER");
        }
        for (ServerCheck.Weakness weakness : ServerCheck.weaknesses(info)) {
            add(Severity.WARNING, weakness.code(), weakness.what(), weakness.meaning(), weakness.todo());
        }
        persistence();
        memory();
        clients();
        if (replicas.isOn()) {
            replicas();
        }
        return findings;
    }

    private void add(Severity severity, Code code, String what, String meaning, String todo) {
        findings.add(new Finding(severity, code, Optional.empty(), what + ".", sentence(meaning), sentence(todo)));
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    }

    private OptionalLong number(String field) {
        try {
            return OptionalLong.of(Long.parseLong(info.getOrDefault(field, "")));
        } catch (NumberFormatException e) {
            // Another server than Redis, or another version, need not have it.
            return OptionalLong.empty();
        }
    }

    private void persistence() {
        for (String field : List.of("aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status")) {
            if (info.getOrDefault(field, "ok").equals("err")) {
                add(
                        field.equals("aof_last_bgrewrite_status") ? Severity.WARNING : Severity.CRITICAL,
                        Code.PERSISTENCE_FAILS,
                        field + " is err: Redis could not write to its disk",
                        "it may refuse writes, and a crash loses tasks",
                        "look whether the disk is full, and into Redis' log");
            }
        }
    }

    private void memory() {
        long used = number("used_memory").orElse(0);
        long limit = number("maxmemory").orElse(0);
        boolean limited = limit > 0;
        long most = limited ? limit : number("total_system_memory").orElse(0);
        long percent = most > 0 ? 100 * (used / 1024) / Math.max(1, most / 1024) : 0;
        if (percent >= MEMORY_WARNING) {
            add(
                    percent >= MEMORY_CRITICAL ? Severity.CRITICAL : Severity.WARNING,
                    Code.MEMORY_LOW,
                    "Redis uses " + Wording.number(used >> 20) + " MiB, " + percent + " % of "
                            + (limited ? "maxmemory, " : "the machine's memory, ") + Wording.number(most >> 20)
                            + " MiB",
                    limited
                            ? "once it is full, enqueueing is refused; what is claimed still runs"
                            : "once it is full, the system kills Redis",
                    "see which place grows (client.jar stats): add workers, delete dead letters, or give Redis more memory");
        }
    }

    private void clients() {
        long most = number("maxclients").orElse(0);
        long connected = number("connected_clients").orElse(0);
        if (most > 0 && 100 * connected >= CLIENTS_WARNING * most) {
            add(
                    Severity.WARNING,
                    Code.CONNECTIONS_LOW,
                    Wording.number(connected) + " of " + Wording.number(most) + " clients are connected",
                    "once there are that many, Redis refuses new workers and producers",
                    "raise maxclients, or find who keeps connections open (CLIENT LIST)");
        }
        long refused = number("rejected_connections").orElse(0);
        if (refused > 0) {
            // Counted since the server started, so that nobody can say whether it still happens.
            add(
                    Severity.INFO,
                    Code.CONNECTIONS_REFUSED,
                    Wording.number(refused) + " connections were refused since Redis started, as too many were open",
                    "workers and producers may have failed then",
                    "raise maxclients if the number grows");
        }
    }

    private void replicas() {
        List<Long> behind = new ArrayList<>();
        long offset = number("master_repl_offset").orElse(0);
        for (int i = 0; info.containsKey("slave" + i); i++) {
            String replica = info.get("slave" + i);
            if (replica.contains("state=online")) {
                behind.add(offset - offset(replica, offset));
            }
        }
        if (behind.size() < replicas.replicas()) {
            add(
                    Severity.CRITICAL,
                    Code.REPLICAS_MISSING,
                    Wording.count(behind.size(), "replica") + (behind.size() == 1 ? " is" : " are")
                            + " connected, and enqueueing waits for " + replicas.replicas() + " (REDIS_WAIT_REPLICAS)",
                    "every enqueue waits for its whole timeout, and then says that a failover may lose the task",
                    "see why the replicas are away (INFO replication)");
        }
        long most = behind.stream().mapToLong(Long::longValue).max().orElse(0);
        if (most > LAG_BYTES) {
            add(
                    Severity.WARNING,
                    Code.REPLICAS_LAG,
                    "A replica is " + Wording.number(most >> 20) + " MiB behind",
                    "enqueueing may wait for it, and a failover loses what it does not have",
                    "look at its machine and the network between");
        }
    }

    /** In a line such as {@code ip=10.0.0.7,port=6379,state=online,offset=56,lag=0}. */
    private static long offset(String replica, long otherwise) {
        for (String field : replica.split(",")) {
            if (field.matches("offset=\\d{1,18}")) {
                return Long.parseLong(field.substring("offset=".length()));
            }
        }
        return otherwise;
    }
}
