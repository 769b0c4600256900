package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What idempotency keys hold, and how claims take their locks. */
final class IdempotencyLocks {

    private static final String RUNNING = "run:";
    private static final String DONE = "done:";

    private final Redis redis;
    private final Keys keys;
    private final byte[] lease;

    IdempotencyLocks(QueueContext queue, Duration lease) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.lease = bytes(lease.toMillis());
    }

    /**
     * What the key holds while a new claim of the task runs. Unique for each claim: a second copy of the same task, even in
     * this worker, must not pass for the first.
     */
    static String newToken(Task task) {
        return RUNNING + task.id() + ":" + Task.newId();
    }

    /** What the key holds once the task has succeeded; empty for a task without a key. */
    static byte[] done(Task task) {
        return task.idempotencyKey().isPresent() ? bytes(DONE + task.id()) : Bytes.EMPTY;
    }

    List<Lock> take(List<Claim> claims) {
        if (claims.isEmpty()) {
            return List.of();
        }
        List<byte[]> locks = new ArrayList<>(claims.size());
        List<byte[]> args = new ArrayList<>(claims.size() + 1);
        args.add(lease);
        for (Claim claim : claims) {
            locks.add(key(claim));
            args.add(token(claim));
        }
        List<Lock> taken = new ArrayList<>(claims.size());
        List<Object> values = redis.list(Script.BEGIN, locks, args);
        for (int i = 0; i < claims.size(); i++) {
            taken.add(lock(claims.get(i), values.get(i) instanceof byte[] value ? Bytes.text(value) : ""));
        }
        return taken;
    }

    private static Lock lock(Claim claim, String value) {
        if (value.equals(claim.lockToken().orElseThrow())) {
            return Lock.TAKEN;
        }
        if (value.equals(DONE + claim.task().id())) {
            return Lock.DONE_BY_ITSELF;
        }
        if (value.startsWith(DONE)) {
            return Lock.DONE;
        }
        return value.startsWith(RUNNING) ? Lock.BUSY : Lock.UNUSABLE;
    }

    /** The key of a claim that has a lock. */
    byte[] key(Claim claim) {
        return keys.idempotency(claim.task().idempotencyKey().orElseThrow());
    }

    /** The token of a claim that has a lock. */
    static byte[] token(Claim claim) {
        return bytes(claim.lockToken().orElseThrow());
    }
}
