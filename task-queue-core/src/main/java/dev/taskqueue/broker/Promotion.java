package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves tasks whose time has come from {@code scheduled} into their lanes. */
final class Promotion {

    private static final Logger LOG = LoggerFactory.getLogger(Promotion.class);

    /** What the due script returns before the entries. */
    private static final int HEADER = 3;

    /** How long a due task that cannot be moved waits before the next attempt to move it. */
    private static final Duration POSTPONEMENT = Duration.ofSeconds(5);

    private static final Duration TROUBLED_PAUSE = Duration.ofSeconds(1);

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final ReplyBounds bounds;
    private final FirstTime firstTime = new FirstTime();

    Promotion(QueueContext queue, ReplyBounds bounds) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.bounds = bounds;
    }

    Optional<Duration> promote(int max) {
        List<Object> due = redis.list(
                Script.DUE, List.of(keys.scheduled, keys.dead), List.of(bytes(max), bounds.room, bounds.longest));
        bounds.oversized(due, 1);
        long wait = Bytes.number(due.get(0));
        if (wait < 0) {
            return Optional.empty();
        }
        if (due.size() > HEADER && !move(Bytes.list(due.subList(HEADER, due.size())))) {
            return Optional.of(TROUBLED_PAUSE);
        }
        return Optional.of(Duration.ofMillis(wait));
    }

    /** Returns whether any was moved, or another worker was faster with all of them. */
    private boolean move(List<byte[]> due) {
        List<byte[]> args = new ArrayList<>(1 + 2 * due.size());
        args.add(bytes(POSTPONEMENT.toMillis()));
        for (byte[] raw : due) {
            args.add(raw);
            args.add(Keys.laneNumber(laneOf(raw)));
        }
        List<Object> moved = redis.list(Script.PROMOTE, keys.withLanes(keys.scheduled), args);
        String error = Bytes.text((byte[]) moved.get(1));
        if (!error.isEmpty() && firstTime.of(error)) {
            LOG.atError().addKeyValue("error", error).log("cannot move due task to its lane; will retry");
        }
        return error.isEmpty() || Bytes.number(moved.get(0)) > 0;
    }

    /** A malformed entry goes to the normal lane: the worker that claims it moves it to the dead letters. */
    private Priority laneOf(byte[] raw) {
        try {
            return codec.decode(raw, 0).task().priority();
        } catch (MalformedTaskException | RuntimeException e) {
            return Priority.NORMAL;
        }
    }
}
