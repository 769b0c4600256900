package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Cancellation;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.TaskState;
import dev.taskqueue.internal.TaskLimits;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * Cancels one task. First it leaves a tombstone, which whoever has the task, or takes it from wherever it moves, comes upon;
 * then it looks for the entry, so that what waits leaves at once. An entry leaves its place and gets its last status in one
 * step, and only while it is still there: what a worker has claimed meanwhile is that worker's to end.
 */
final class Cancelling {

    /** In how many entries of each place the task is looked for: a tenth of a second or so. */
    static final int SEARCHED = 10_000;

    /** How often a status may change under this before it is cancelled all the same. */
    private static final int LOOKS = 5;

    private final QueueContext context;
    private final Redis redis;
    private final Keys keys;
    private final String queue;
    private final String id;
    private final String reason;
    private final PlaceSearch search;
    /** Whether the entry was found where it no longer was when it was to be removed. */
    private boolean moved;

    Cancelling(QueueContext context, String queue, String id, String reason) {
        this.context = context;
        this.redis = context.redis();
        this.keys = context.keys();
        this.queue = queue;
        this.id = id;
        this.reason = reason;
        this.search = new PlaceSearch(context, id, SEARCHED, true);
    }

    Cancellation cancel() {
        try {
            TaskLimits.checkName("id", id, TaskLimits.ID_LENGTH);
        } catch (InvalidTaskException e) {
            // No task has such an id.
            return Cancellation.UNKNOWN;
        }
        Cancellation done = null;
        for (int look = 1; done == null; look++) {
            done = attempt(look >= LOOKS);
        }
        return done;
    }

    /** Returns what came of it; null where the task moved on meanwhile, and is to be looked at again. */
    private @Nullable Cancellation attempt(boolean last) {
        moved = false;
        byte[] status = status();
        TaskState state = state(status);
        if (state == TaskState.DEAD) {
            return remove(keys.dead) ? Cancellation.REMOVED : Cancellation.ALREADY_ENDED;
        }
        if (state != null && state.isFinal()) {
            return Cancellation.ALREADY_ENDED;
        }
        Object left = redis.run(
                Script.CANCEL,
                List.of(keys.task(id), keys.cancelled),
                List.of(status == null ? Bytes.EMPTY : status, bytes(id), bytes(reason)));
        if (Long.valueOf(0).equals(left) && !last) {
            return null;
        }
        if (left instanceof byte[] error) {
            return withoutTombstone(Bytes.text(error));
        }
        if (state == TaskState.RUNNING) {
            return Cancellation.REQUESTED;
        }
        if (removeWaiting()) {
            return Cancellation.REMOVED;
        }
        return status == null ? untracked(last) : claimedMeanwhile();
    }

    /** A key of a wrong type, or a full Redis: what waits can be taken away all the same. */
    private Cancellation withoutTombstone(String error) {
        if (removeWaiting() || remove(keys.dead)) {
            return Cancellation.REMOVED;
        }
        throw new BrokerUnavailableException("cannot cancel task " + id + ": " + error, null);
    }

    /** The way that tasks go, so that one that moves on meanwhile is met later. */
    private boolean removeWaiting() {
        return remove(keys.scheduled)
                || remove(keys.normal)
                || remove(keys.high)
                || remove(keys.low)
                || remove(keys.suspects)
                || Parking.allLists(redis, keys, "cancel", SEARCHED).stream().anyMatch(this::remove);
    }

    private Cancellation claimedMeanwhile() {
        TaskState state = state(status());
        boolean byItself = state != null && state.isFinal() && state != TaskState.CANCELLED;
        return byItself ? Cancellation.ALREADY_ENDED : Cancellation.REQUESTED;
    }

    private @Nullable Cancellation untracked(boolean last) {
        if (isClaimed()) {
            return Cancellation.REQUESTED;
        }
        if (remove(keys.dead)) {
            return Cancellation.REMOVED;
        }
        if (moved || status() != null) {
            return last ? Cancellation.REQUESTED : null;
        }
        redis.command("cancel", Bytes::number, Command.HDEL, keys.cancelled, bytes(id));
        return Cancellation.UNKNOWN;
    }

    private boolean isClaimed() {
        List<byte[]> workers = redis.command("cancel", Bytes::list, Command.ZRANGE, keys.workers, 0, SEARCHED - 1L);
        for (byte[] worker : workers) {
            if (search.in(keys.processing(Bytes.text(worker))).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private byte @Nullable [] status() {
        return redis.values("cancel", List.of(keys.task(id))).get(0);
    }

    /** Null where there is no status, or none that can be read: then the task counts as one that has not ended. */
    private @Nullable TaskState state(byte @Nullable [] status) {
        try {
            return status == null
                    ? null
                    : StatusCodec.read(queue, id, status, null).state();
        } catch (TaskQueueException e) {
            return null;
        }
    }

    /** Looks for the task in a place, and takes it away; returns whether it was there. */
    private boolean remove(byte[] place) {
        Optional<PlaceSearch.Found> found = search.in(place);
        if (found.isEmpty()) {
            return false;
        }
        byte[] raw = found.get().raw();
        Task task;
        try {
            task = context.codec().decode(raw, System.currentTimeMillis()).task();
        } catch (MalformedTaskException | RuntimeException e) {
            // Whoever claims it moves it to the dead letters; it never runs.
            return false;
        }
        boolean tracked = context.limits().tracksStatus();
        boolean unique = UniqueKeys.has(task);
        byte[] suffix = tracked
                ? StatusCodec.of(task, TaskState.CANCELLED)
                        .attempts(place == keys.dead ? task.attempt() : task.retry())
                        .cancelReason(reason)
                        .suffixOrNone()
                : Bytes.EMPTY;
        boolean removed = redis.number(
                        Script.REMOVE,
                        List.of(
                                place,
                                keys.workers,
                                task.idempotencyKey().map(keys::idempotency).orElse(place),
                                tracked ? keys.task(id) : place,
                                unique ? UniqueKeys.key(task, keys) : place,
                                keys.normal,
                                keys.high,
                                keys.low,
                                keys.scheduled),
                        List.of(
                                raw,
                                bytes(2L * SEARCHED),
                                IdempotencyLocks.running(task),
                                IdempotencyLocks.done(task),
                                suffix,
                                bytes(context.limits().statusTtl().toMillis()),
                                unique ? bytes(id) : Bytes.EMPTY))
                == 1;
        moved |= !removed;
        return removed;
    }
}
