package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * Finds orphaned processing lists: their worker is not registered, because its entry was evicted, deleted, or lost in a failover that
 * kept the list. Goes through the keys of the whole database, a short while at a time, and takes turns with the other workers of
 * the queue: with a scan of each worker's own, a hundred of them took 29 % of the time of a Redis with a million keys. Not
 * thread-safe.
 */
final class Orphans {

    private static final int KEYS_PER_STEP = 500;
    private static final long TURN_NANOS = Duration.ofMillis(50).toNanos();

    /** How long the cursor outlives the last turn. */
    private static final Duration CURSOR_TTL = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

    private final Redis redis;
    private final Keys keys;
    private final byte[] prefix;
    private final ScanParams params;
    private final Duration period;
    private final FirstTime firstTime = new FirstTime();
    /** For as long as the one in Redis cannot be read. */
    private String ownCursor = ScanParams.SCAN_POINTER_START;

    Orphans(Redis redis, Keys keys, Duration lease) {
        this.redis = redis;
        this.keys = keys;
        period = lease.dividedBy(4);
        prefix = keys.processing("");
        params = new ScanParams().count(KEYS_PER_STEP).match(bytes(glob(Bytes.text(prefix)) + "*"));
    }

    /** Goes on where the last turn of any worker stopped, if a turn is due; returns the workers that it registered. */
    List<String> register() {
        List<String> registered = new ArrayList<>();
        List<byte[]> turn = Bytes.list(redis.list(
                Script.SCAN_TURN,
                List.of(keys.orphans),
                List.of(bytes(period.toMillis()), bytes(CURSOR_TTL.toMillis()))));
        if (turn.size() == 1) {
            log(Bytes.text(turn.get(0)));
            ownCursor = scan(ownCursor, registered);
        } else if (turn.size() == 2) {
            String next = scan(checked(Bytes.text(turn.get(1))), registered);
            save(Bytes.text(turn.get(0)) + " " + next);
        }
        return registered;
    }

    /** Returns the cursor where it stopped. */
    private String scan(String from, List<String> registered) {
        byte[] cursor = bytes(from);
        long deadline = System.nanoTime() + TURN_NANOS;
        do {
            byte[] begin = cursor;
            ScanResult<byte[]> step = redis.call("find orphans", client -> client.scan(begin, params));
            for (byte[] key : step.getResult()) {
                register(key, registered);
            }
            cursor = step.getCursorAsBytes();
        } while (!Bytes.text(cursor).equals(ScanParams.SCAN_POINTER_START) && System.nanoTime() - deadline < 0);
        return Bytes.text(cursor);
    }

    /** Redis takes any number for a cursor, also one of another server after a failover, but refuses all else. */
    private static String checked(String cursor) {
        try {
            return Long.toUnsignedString(Long.parseUnsignedLong(cursor));
        } catch (NumberFormatException e) {
            return ScanParams.SCAN_POINTER_START;
        }
    }

    private void save(String state) {
        try {
            SetParams ttl = SetParams.setParams().px(CURSOR_TTL.toMillis());
            redis.call("save scan for orphans", client -> client.set(keys.orphans, bytes(state), ttl));
        } catch (BrokerUnavailableException e) {
            // What was found is registered. The next turn goes through the same keys once more.
            LOG.atDebug().setCause(e).log("cannot save where the scan for orphans stopped");
        }
    }

    private void log(String error) {
        if (firstTime.of(error)) {
            LOG.atWarn()
                    .addKeyValue("key", Bytes.text(keys.orphans))
                    .addKeyValue("error", error)
                    .log("cannot read the shared scan for orphans; each worker scans by itself");
        }
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
