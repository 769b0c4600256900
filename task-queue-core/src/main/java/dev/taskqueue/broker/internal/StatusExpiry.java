package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that no status stays for ever. One is written without an end, for its task will come to one; but the task may be
 * deleted with its lane, be buried as malformed, or be run by a worker that keeps no statuses. To give each status an end as its
 * task is enqueued, with a SET ... PX each in place of one MSET, would cost Redis two fifths more, and 42 bytes for each status;
 * a slow scan takes less than a hundredth of its time, however many workers share it, and finds whatever else was left. Not thread-safe.
 */
final class StatusExpiry {

    private static final Logger LOG = LoggerFactory.getLogger(StatusExpiry.class);

    /** How long a task may wait, be delayed or run without losing its status, from when the scan meets it. */
    private static final Duration LONGEST_TASK = Duration.ofDays(30);

    /** For workers that keep none: they write no status that would take the place of this one. */
    private static final Duration UNTRACKED = Duration.ofDays(1);

    private final Redis redis;
    private final byte[] ttl;
    private final SharedScan scan;
    private final FirstTime firstTime = new FirstTime();

    StatusExpiry(QueueContext queue, Duration lease) {
        redis = queue.redis();
        Duration kept = queue.limits().statusTtl();
        Duration longest = kept.compareTo(LONGEST_TASK) > 0 ? kept : LONGEST_TASK;
        ttl = bytes((queue.limits().tracksStatus() ? longest : UNTRACKED).toMillis());
        // Nothing waits for it: by itself, so that many statuses do not slow the scan for orphans, and not as often.
        scan = new SharedScan(redis, queue.keys().statuses, queue.keys().task(""), lease);
    }

    /** Looks for a short while, if it is this worker's turn. */
    void look() {
        scan.turn(this::expire);
    }

    private void expire(List<byte[]> statuses) {
        String error = Bytes.text((byte[]) redis.run(Script.EXPIRE_STATUSES, statuses, List.of(ttl)));
        // Of rights, most likely.
        if (!error.isEmpty() && firstTime.of(error)) {
            LOG.atWarn().addKeyValue("error", error).log("cannot let old statuses expire");
        }
    }
}
