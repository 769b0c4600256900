package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds orphaned processing lists: their worker is not registered, because its entry was evicted, deleted, or lost in a failover that
 * kept the list. Not thread-safe.
 */
final class Orphans {

    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

    private final Redis redis;
    private final Keys keys;
    private final String prefix;
    private final SharedScan scan;
    private final FirstTime firstTime = new FirstTime();

    Orphans(QueueContext queue, Duration lease) {
        redis = queue.redis();
        keys = queue.keys();
        byte[] start = keys.processing("");
        prefix = Bytes.text(start);
        scan = new SharedScan(redis, keys.orphans, start, lease.dividedBy(4));
    }

    /** Looks for a short while, if it is this worker's turn; returns the workers that it registered. */
    List<String> register() {
        List<String> registered = new ArrayList<>();
        scan.turn(found -> found.forEach(key -> register(key, registered)));
        return registered;
    }

    private void register(byte[] key, List<String> registered) {
        String worker = Bytes.text(key).substring(prefix.length());
        // No worker has a name that is not UTF-8.
        long added = Arrays.equals(key, keys.processing(worker))
                ? redis.number(Script.ORPHAN, List.of(keys.workers, key), List.of(bytes(worker)))
                : -1;
        if (added == 1) {
            registered.add(worker);
        } else if (added < 0 && firstTime.of(worker)) {
            LOG.atWarn()
                    .addKeyValue("key", Bytes.text(key))
                    .log("key named like a processing list is not a list; skipped");
        }
    }
}
