package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker sees of the tombstones of cancelled tasks, which {@link Cancelling} leaves. Thread-safe. */
final class Tombstones {

    private static final Logger LOG = LoggerFactory.getLogger(Tombstones.class);
    private static final int MAX_ASKED = 500;
    private static final int MAX_TRIMMED = 200;

    /** A second entry of the same id, as after an enqueue that was repeated, may wait a little longer than the first. */
    private static final Duration ENDED = Duration.ofMinutes(10);

    /** For tasks without a status, of which nobody can say whether they have ended. */
    private static final Duration UNKNOWN = Duration.ofDays(1);

    private final Redis redis;
    private final Keys keys;
    private final FirstTime firstTime = new FirstTime();

    Tombstones(QueueContext queue) {
        redis = queue.redis();
        keys = queue.keys();
    }

    void find(Collection<Claim> claims) {
        List<Claim> asked = new ArrayList<>(Math.min(claims.size(), MAX_ASKED));
        for (Claim claim : claims) {
            asked.add(claim);
            if (asked.size() == MAX_ASKED) {
                ask(asked);
                asked.clear();
            }
        }
        if (!asked.isEmpty()) {
            ask(asked);
        }
    }

    private void ask(List<Claim> claims) {
        List<byte[]> ids = new ArrayList<>(claims.size());
        claims.forEach(claim -> ids.add(bytes(claim.task().id())));
        List<byte[]> reply = Bytes.list(redis.list(Script.CANCELLED, List.of(keys.cancelled), ids));
        String error = Bytes.text(reply.get(0));
        if (!error.isEmpty() && firstTime.of(error)) {
            LOG.atError().addKeyValue("error", error).log("cannot read which tasks are cancelled; running them");
        }
        for (int i = 0; i < claims.size(); i++) {
            byte[] tombstone = reply.get(1 + i);
            if (tombstone != null) {
                claims.get(i).cancel(reason(Bytes.text(tombstone)));
            }
        }
    }

    /** What stands behind the time; all of it where somebody else wrote it without one. */
    static String reason(String tombstone) {
        int blank = tombstone.indexOf(' ');
        return blank > 0 && tombstone.chars().limit(blank).allMatch(Character::isDigit)
                ? tombstone.substring(blank + 1)
                : tombstone;
    }

    String trim(String cursor) {
        return trim(cursor, ENDED, UNKNOWN);
    }

    String trim(String cursor, Duration ended, Duration unknown) {
        List<byte[]> args = new ArrayList<>(List.of(
                bytes(cursor), bytes(MAX_TRIMMED), bytes(ended.toMillis()), bytes(unknown.toMillis()), keys.task("")));
        for (TaskState state : TaskState.values()) {
            if (state.isFinal()) {
                args.add(bytes(state.wireName()));
            }
        }
        List<Object> reply = redis.list(Script.TRIM_CANCELLED, List.of(keys.cancelled, keys.paused), args);
        return Bytes.text((byte[]) reply.get(0));
    }
}
