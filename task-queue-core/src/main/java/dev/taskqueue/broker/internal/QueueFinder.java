package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.QueueSearch;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.params.ScanParams;

/**
 * Looks for queues in the whole database. Each that a worker has ever served has a key that tells its format, so that no
 * register has to be kept: what is asked for seldom costs only when it is asked for.
 */
final class QueueFinder {

    private static final String SUFFIX = ":format";
    private static final int KEYS_PER_STEP = 1_000;
    private static final int MOST = 1_000;

    private final Redis redis;

    QueueFinder(Redis redis) {
        this.redis = redis;
    }

    QueueSearch find(Duration atMost) {
        if (redis.isCluster()) {
            // Where keys are is known to nodes alone.
            return new QueueSearch(List.of(), false);
        }
        ScanParams params = new ScanParams().count(KEYS_PER_STEP).match("*" + SUFFIX);
        TreeSet<String> found = new TreeSet<>();
        long deadline = System.nanoTime() + atMost.toNanos();
        String cursor = ScanStep.START;
        do {
            ScanStep step = ScanStep.take(redis, "find queues", Bytes.EMPTY, cursor, params);
            for (byte[] key : step.keys()) {
                String name = nameOf(Bytes.text(key));
                if (isQueue(key, name)) {
                    found.add(name);
                }
            }
            cursor = step.cursor();
            if (step.isLast()) {
                return new QueueSearch(found.stream().limit(MOST).toList(), found.size() <= MOST);
            }
        } while (found.size() <= MOST && System.nanoTime() - deadline < 0);
        return new QueueSearch(found.stream().limit(MOST).toList(), false);
    }

    private static String nameOf(String key) {
        return key.substring(0, key.length() - SUFFIX.length());
    }

    /** Other programs have such keys too, and this user may not read every queue's. */
    private boolean isQueue(byte[] key, String name) {
        try {
            Keys.check(name);
            byte[] format = redis.isType("find queues", key, "string")
                    ? redis.command("find queues", Bytes::ofReply, Command.GET, key)
                    : null;
            return format != null && Bytes.text(format).matches("\\d{1,3}");
        } catch (IllegalArgumentException | BrokerRejectedException e) {
            return false;
        }
    }
}
