package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * Finds orphaned processing lists: their worker is not registered, because its entry was evicted, deleted, or lost in a failover that
 * kept the list. Goes through the keys of the whole database, a short while at a time. Not thread-safe.
 */
final class Orphans {

    private static final int KEYS_PER_STEP = 500;
    private static final long TURN_NANOS = Duration.ofMillis(50).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

    private final Redis redis;
    private final Keys keys;
    private final byte[] prefix;
    private final ScanParams params;
    private final FirstTime firstTime = new FirstTime();
    private byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;

    Orphans(Redis redis, Keys keys) {
        this.redis = redis;
        this.keys = keys;
        prefix = keys.processing("");
        params = new ScanParams().count(KEYS_PER_STEP).match(bytes(glob(Bytes.text(prefix)) + "*"));
    }

    /** Goes on where the last turn stopped; returns the workers that it registered. */
    List<String> register() {
        List<String> registered = new ArrayList<>();
        long deadline = System.nanoTime() + TURN_NANOS;
        do {
            ScanResult<byte[]> step = redis.call("find orphans", client -> client.scan(cursor, params));
            for (byte[] key : step.getResult()) {
                register(key, registered);
            }
            cursor = step.getCursorAsBytes();
        } while (!Bytes.text(cursor).equals(ScanParams.SCAN_POINTER_START) && System.nanoTime() - deadline < 0);
        return registered;
    }

    private void register(byte[] key, List<String> registered) {
        String worker = Bytes.text(key).substring(Bytes.text(prefix).length());
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

    /** A queue's name may hold characters that mean something in a pattern. */
    private static String glob(String text) {
        return text.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
    }
}
