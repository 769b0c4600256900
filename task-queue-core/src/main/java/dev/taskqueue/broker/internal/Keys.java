package dev.taskqueue.broker.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Every key that one queue uses in Redis, built here and nowhere else. */
public final class Keys {

    private static final int MAX_NAME_LENGTH = 128;

    /** What settings put between the names of queues and behind them. */
    private static final String SEPARATORS = "/,=~";

    /**
     * What follows a queue's name in its keys, now or in a later version. With none of them in the name of another queue, no
     * key can be read as that queue's, whatever ids, types and names of workers come after them.
     */
    private static final Set<String> PARTS = Set.of(
            "high",
            "low",
            "processing",
            "workers",
            "silence",
            "format",
            "scheduled",
            "dead",
            "idempotency",
            "task",
            "recoveries",
            "paused",
            "quiet",
            "cron",
            "unique",
            "waiting",
            "cancelled",
            "key",
            "ring",
            "blocked",
            "slots",
            "batch",
            "history",
            "recent",
            "limits",
            "orphans",
            "statuses",
            "suspects",
            "trial");

    private static final byte[] NORMAL_LANE = bytes("1");
    private static final byte[] HIGH_LANE = bytes("2");
    private static final byte[] LOW_LANE = bytes("3");

    final byte[] normal;
    final byte[] high;
    final byte[] low;
    final byte[] workers;
    final byte[] scheduled;
    final byte[] dead;
    final byte[] deadTrim;
    final byte[] paused;
    final byte[] pausedSeen;
    final byte[] quiet;
    final byte[] recent;
    final byte[] history;
    final byte[] waiting;
    final byte[] silence;
    final byte[] format;
    final byte[] suspects;
    final byte[] trial;
    final byte[] unusableSuspects;
    final byte[] unusableTrial;
    final byte[] orphans;
    final byte[] statuses;
    final byte[] cancelled;
    final byte[] cronDue;
    private final List<byte[]> crons;
    private final String prefix;

    /**
     * @param hashTagged whether to write the name as {@code {name}}, so that in Redis Cluster all keys share a slot
     */
    Keys(String queue, boolean hashTagged) {
        String root = hashTagged ? "{" + queue + "}" : queue;
        prefix = root + ":";
        normal = bytes(root);
        high = bytes(prefix + "high");
        low = bytes(prefix + "low");
        workers = bytes(prefix + "workers");
        scheduled = bytes(prefix + "scheduled");
        dead = bytes(prefix + "dead");
        deadTrim = bytes(prefix + "dead:trim");
        paused = bytes(prefix + "paused");
        pausedSeen = bytes(prefix + "paused:seen");
        quiet = bytes(prefix + "quiet");
        recent = bytes(prefix + "recent");
        history = bytes(prefix + "history");
        waiting = bytes(prefix + "waiting");
        silence = bytes(prefix + "silence");
        format = bytes(prefix + "format");
        suspects = bytes(prefix + "suspects");
        trial = bytes(prefix + "trial");
        unusableSuspects = bytes(prefix + "suspects:unusable");
        unusableTrial = bytes(prefix + "trial:unusable");
        orphans = bytes(prefix + "orphans");
        statuses = bytes(prefix + "statuses");
        cancelled = bytes(prefix + "cancelled");
        cronDue = bytes(prefix + "cron:due");
        crons = List.of(bytes(prefix + "cron"), cronDue, bytes(prefix + "cron:last"), bytes(prefix + "cron:broken"));
    }

    /** The keys given, then the lanes in the order in which scripts take them: normal, high, low. The list may grow. */
    List<byte[]> withLanes(byte[]... first) {
        List<byte[]> all = new ArrayList<>(List.of(first));
        all.add(normal);
        all.add(high);
        all.add(low);
        return all;
    }

    /**
     * Where schedules are, in the order in which scripts take them: the definitions, when each is due, the task that each
     * enqueued last, and why some are set aside.
     */
    List<byte[]> crons() {
        return crons;
    }

    /** How scripts are told of one of the lanes among their keys. */
    static byte[] laneNumber(Priority priority) {
        return switch (priority) {
            case NORMAL -> NORMAL_LANE;
            case HIGH -> HIGH_LANE;
            case LOW -> LOW_LANE;
        };
    }

    byte[] processing(String worker) {
        return bytes(prefix + "processing:" + worker);
    }

    /** What a worker says of itself. */
    byte[] workerInfo(String worker) {
        return bytes(prefix + "workers:info:" + worker);
    }

    /** Where tasks are parked whose type no worker that met them knows. */
    byte[] waiting(String type) {
        return bytes(prefix + "waiting:" + type);
    }

    byte[] idempotency(String key) {
        return bytes(prefix + "idempotency:" + key);
    }

    byte[] unique(String key) {
        return bytes(prefix + "unique:" + key);
    }

    byte[] task(String id) {
        return bytes(prefix + "task:" + id);
    }

    byte[] recoveries(String id) {
        return bytes(prefix + "recoveries:" + id);
    }

    /**
     * @param queue a name
     * @throws IllegalArgumentException if the name is not allowed for a queue
     */
    public static void check(String queue) {
        if (queue == null || queue.isBlank() || queue.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "queue name is " + quote(queue) + "; it must be 1 to " + MAX_NAME_LENGTH + " characters");
        }
        for (int i = 0; i < queue.length(); i++) {
            char c = queue.charAt(i);
            if (c == '{'
                    || c == '}'
                    || SEPARATORS.indexOf(c) >= 0
                    || Character.isWhitespace(c)
                    || Character.isISOControl(c)) {
                throw new IllegalArgumentException("queue name is " + quote(queue)
                        + "; white space, control characters, braces and / , = ~ are not allowed");
            }
        }
        String[] segments = queue.split(":", -1);
        for (int i = 1; i < segments.length; i++) {
            if (PARTS.contains(segments[i])) {
                throw new IllegalArgumentException("queue name is " + quote(queue) + "; it must not hold \":"
                        + segments[i] + "\", which names a part of another queue");
            }
        }
    }

    /** For a message: one short line, and nothing of what may be an address with a password. */
    private static String quote(String queue) {
        if (queue == null || queue.indexOf('@') >= 0) {
            return queue == null ? "null" : "(not shown)";
        }
        String start = queue.length() <= MAX_NAME_LENGTH ? queue : queue.substring(0, MAX_NAME_LENGTH) + "…";
        return "\"" + start.replaceAll("\\p{Cntrl}", "?") + "\"";
    }

    private static byte[] bytes(String key) {
        return key.getBytes(UTF_8);
    }
}
