package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Protocol.Keyword;
import redis.clients.jedis.params.ScanParams;

/**
 * Goes through the keys of the whole database, a short while at a time, and takes turns with the other workers of the queue:
 * with a scan of each worker's own, a hundred of them took 29 % of the time of a Redis with a million keys. Not thread-safe.
 */
final class SharedScan {

    private static final int KEYS_PER_STEP = 500;
    private static final long TURN_NANOS = Duration.ofMillis(50).toNanos();

    /** How long the cursor outlives the last turn. */
    private static final Duration CURSOR_TTL = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(SharedScan.class);

    private final Redis redis;
    private final byte[] state;
    private final Duration period;
    private final ScanParams params;
    private final FirstTime firstTime = new FirstTime();
    /** For as long as the one in Redis cannot be read. */
    private String ownCursor = ScanStep.START;

    /**
     * @param state the key that holds whose turn it is and where the scan stopped
     * @param prefix what the keys looked for begin with
     * @param period how often one of the workers has a turn
     */
    SharedScan(Redis redis, byte[] state, byte[] prefix, Duration period) {
        this.redis = redis;
        this.state = state;
        this.period = period;
        params = new ScanParams().count(KEYS_PER_STEP).match(bytes(glob(Bytes.text(prefix)) + "*"));
    }

    /** Goes on where the last turn of any worker stopped, if a turn is due; hands over the keys found, some hundred at a time. */
    void turn(Consumer<List<byte[]>> found) {
        List<byte[]> turn = Bytes.list(redis.list(
                Script.SCAN_TURN, List.of(state), List.of(bytes(period.toMillis()), bytes(CURSOR_TTL.toMillis()))));
        if (turn.size() == 1) {
            log(Bytes.text(turn.get(0)));
            ownCursor = scan(ownCursor, found);
        } else if (turn.size() == 2) {
            String next = scan(checked(Bytes.text(turn.get(1))), found);
            save(Bytes.text(turn.get(0)) + " " + next);
        }
    }

    /** Returns the cursor where it stopped. */
    private String scan(String from, Consumer<List<byte[]>> found) {
        String cursor = from;
        long deadline = System.nanoTime() + TURN_NANOS;
        do {
            ScanStep step = ScanStep.take(redis, "scan", state, cursor, params);
            if (!step.keys().isEmpty()) {
                found.accept(step.keys());
            }
            cursor = step.cursor();
        } while (!cursor.equals(ScanStep.START) && System.nanoTime() - deadline < 0);
        return cursor;
    }

    /** Redis takes any number for a cursor, also one of another server after a failover, but refuses all else. */
    private static String checked(String cursor) {
        try {
            return Long.toUnsignedString(Long.parseUnsignedLong(cursor));
        } catch (NumberFormatException e) {
            return ScanStep.START;
        }
    }

    private void save(String text) {
        try {
            redis.command(
                    "save scan", Bytes::replyText, Command.SET, state, bytes(text), Keyword.PX, CURSOR_TTL.toMillis());
        } catch (BrokerUnavailableException | BrokerRejectedException e) {
            // What was found is dealt with. The next turn goes through the same keys once more.
            LOG.atDebug().addKeyValue("key", Bytes.text(state)).setCause(e).log("cannot save where the scan stopped");
        }
    }

    private void log(String error) {
        if (firstTime.of(error)) {
            LOG.atWarn()
                    .addKeyValue("key", Bytes.text(state))
                    .addKeyValue("error", error)
                    .log("cannot read the state of a shared scan; each worker scans by itself");
        }
    }

    /** A queue's name may hold characters that mean something in a pattern. */
    static String glob(String text) {
        return text.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
    }
}
