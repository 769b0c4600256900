package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the dead letters within bounds, where there are any: one worker of the queue at a time takes the oldest away, a few with
 * each script. Not thread-safe.
 */
final class DeadTrim {

    private static final Logger LOG = LoggerFactory.getLogger(DeadTrim.class);

    /** Some hundred microseconds. */
    private static final int LOOKED_AT = 200;

    /** The JSON of so much is read in a few milliseconds, and one letter more. */
    private static final int BYTES = 256 << 10;

    private static final long TURN_NANOS = Duration.ofMillis(200).toNanos();

    /** For workers that keep no statuses. */
    private static final Duration UNTRACKED = Duration.ofDays(1);

    private static final Duration TURN_TTL = Duration.ofDays(1);

    private final QueueContext queue;
    private final Duration period;
    private final FirstTime firstTime = new FirstTime();
    private long most;
    private Duration ttl = Duration.ZERO;

    DeadTrim(QueueContext queue, Duration lease) {
        this.queue = queue;
        this.period = lease.dividedBy(6);
    }

    /** Zero: no bound. */
    void bound(long letters, Duration age) {
        most = letters;
        ttl = age;
    }

    /** Returns how many letters are gone; 0 where it is not this worker's turn. */
    long trim() {
        if (most == 0 && ttl.isZero() || !isTurn()) {
            return 0;
        }
        long gone = 0;
        long passed = 0;
        boolean more = true;
        long deadline = System.nanoTime() + TURN_NANOS;
        while (more && System.nanoTime() - deadline < 0) {
            List<Object> reply = queue.redis().list(Script.DEAD_TRIM, List.of(queue.keys().dead), args(passed));
            gone += Bytes.number(reply.get(0));
            passed = Bytes.number(reply.get(1));
            more = Bytes.number(reply.get(2)) == 1;
        }
        return gone;
    }

    private List<byte[]> args(long passed) {
        Duration status = queue.limits().tracksStatus() ? queue.limits().statusTtl() : UNTRACKED;
        return List.of(
                bytes(most),
                bytes(ttl.toMillis()),
                bytes(passed),
                bytes(LOOKED_AT),
                bytes(BYTES),
                queue.keys().task(""),
                bytes(status.toMillis()));
    }

    private boolean isTurn() {
        List<byte[]> turn = Bytes.list(queue.redis()
                .list(
                        Script.SCAN_TURN,
                        List.of(queue.keys().deadTrim),
                        List.of(bytes(period.toMillis()), bytes(TURN_TTL.toMillis()))));
        if (turn.size() == 1) {
            String error = Bytes.text(turn.get(0));
            if (firstTime.of(error)) {
                LOG.atWarn()
                        .addKeyValue("key", Bytes.text(queue.keys().deadTrim))
                        .addKeyValue("error", error)
                        .log("cannot read whose turn it is to trim dead letters; each worker does");
            }
        }
        return !turn.isEmpty();
    }
}
