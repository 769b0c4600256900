package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tasks that are parked, as no worker that met them knows their type: which of them one worker can take, and since when a
 * task has been waiting for one. Thread-safe.
 */
public final class Parking {

    /** How long a task is parked where nobody says. */
    public static final Duration DEFAULT_GRACE = Duration.ofHours(1);

    /** The field of a parked task that tells since when; it travels along like any that is not known. */
    private static final String SINCE = "waiting_since";

    /** How many tasks that were parked for too long one script moves. */
    private static final int MAX_MOVED = 100;

    /** How many lists a claim looks at beside the lanes. */
    private static final int MAX_LISTS = 20;

    private final Redis redis;
    private final Keys keys;
    private volatile List<byte[]> types = List.of();
    private volatile Duration grace = DEFAULT_GRACE;
    private volatile List<byte[]> lists = List.of();

    Parking(QueueContext queue) {
        this.redis = queue.redis();
        this.keys = queue.keys();
    }

    void know(Collection<String> known, Duration patience) {
        types = known.stream().map(Bytes::bytes).toList();
        grace = patience;
    }

    /**
     * Looks which parked tasks this worker can take, if there are any.
     *
     * @return whether there are some that it can
     */
    boolean look(boolean any) {
        if (!any) {
            lists = List.of();
            return false;
        }
        List<byte[]> args = new ArrayList<>(List.of(bytes(grace.toMillis()), bytes(MAX_MOVED), bytes(MAX_LISTS)));
        args.addAll(types);
        lists = Bytes.list(redis.list(Script.PARKED, List.of(keys.waiting, keys.normal), args)).stream()
                .map(type -> keys.waiting(Bytes.text(type)))
                .toList();
        return !lists.isEmpty();
    }

    /** The lists of parked tasks that this worker can take, as of the latest look. */
    List<byte[]> lists() {
        return lists;
    }

    /**
     * The lists of all parked tasks, whoever can take them; none where the place of their types holds something else.
     *
     * @param what who asks, for a failure
     * @param most how many lists at most
     */
    static List<byte[]> allLists(Redis redis, Keys keys, String what, int most) {
        return allTypes(redis, keys, what, most).stream().map(keys::waiting).toList();
    }

    /** The types of all parked tasks, as {@link #allLists}. */
    static List<String> allTypes(Redis redis, Keys keys, String what, int most) {
        return redis.membersOf(what, keys.waiting, most).stream()
                .map(Bytes::text)
                .toList();
    }

    /** The task as it is parked: it tells since when, by the first worker that met it. */
    static Task parked(Task task, long now) {
        if (since(task).isPresent()) {
            return task;
        }
        Map<String, RawJson> fields = new LinkedHashMap<>(task.extraFields());
        fields.put(SINCE, WireValues.of(now));
        return task.withExtraFields(fields);
    }

    /** The task once a worker knew its type, or somebody has it tried anew: should it be parked again, that counts afresh. */
    static Task unparked(Task task) {
        if (!task.extraFields().containsKey(SINCE)) {
            return task;
        }
        Map<String, RawJson> fields = new LinkedHashMap<>(task.extraFields());
        fields.remove(SINCE);
        return task.withExtraFields(fields);
    }

    /**
     * @param task a task
     * @return since when it has been waiting for a worker that knows its type; empty for one that was never parked
     */
    public static Optional<Instant> since(Task task) {
        RawJson since = task.extraFields().get(SINCE);
        return since != null && since.tree().isIntegralNumber() && since.tree().canConvertToLong()
                ? Optional.of(Instant.ofEpochMilli(since.tree().longValue()))
                : Optional.empty();
    }
}
