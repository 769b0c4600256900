package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Task;
import dev.taskqueue.Unique;
import dev.taskqueue.internal.TaskLimits;
import java.time.Duration;

/** What scripts are told of a task's unique key. */
final class UniqueKeys {

    /** What a key stays held for beyond what the task is known to need, if it does not say. */
    private static final Duration DEFAULT_NET = Duration.ofDays(30);

    private UniqueKeys() {}

    /** Whether the task has a unique key that it has not given up yet. */
    static boolean has(Task task) {
        Unique unique = task.options().unique();
        return unique != null && !unique.freed();
    }

    /** The unique key of a task, or what stands in for one that has none. */
    static byte[] key(Task task, Keys keys) {
        return has(task) ? keys.unique(task.options().unique().key()) : keys.normal;
    }

    /**
     * For how long a key is held from when its task is due, in ms: one attempt (its time limit, or the longest that a worker can
     * set), and the net. What waits longer than that in a lane may lose its key, and takes it again before it runs.
     */
    static long hold(Task task) {
        Duration net = task.options().unique().ttl();
        return task.timeout().map(Duration::toMillis).orElse(TaskLimits.MAX_TIMEOUT_MILLIS)
                + (net == null ? DEFAULT_NET : net).toMillis();
    }

    /** What settling is told of a task that has ended. */
    static byte[] release(Task task) {
        return has(task) ? bytes("0 1 " + task.id()) : Bytes.EMPTY;
    }

    /**
     * What settling is told of a task that goes on.
     *
     * @param waitMillis how long it waits, as far as that is known
     */
    static byte[] keep(Task task, boolean begun, long waitMillis) {
        return has(task)
                ? bytes((hold(task) + Math.max(0, waitMillis)) + (begun ? " 1 " : " 0 ") + task.id())
                : Bytes.EMPTY;
    }

    /** The task's text once it has begun; empty where it is the same. */
    static byte[] begun(Task task, TaskCodec codec) {
        Unique unique = task.options().unique();
        if (unique.until() == Unique.Until.END) {
            return Bytes.EMPTY;
        }
        return codec.write(task.unique(new Unique(unique.key(), unique.until(), unique.orElse(), unique.ttl(), true)));
    }
}
