package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What idempotency keys hold, and how claims take their locks. */
final class IdempotencyLocks {

    private static final String RUNNING = "run:";
    private static final String DONE = "done:";

    /** A net under locks whose owner is gone and left no trace: longer than any time limit. */
    static final Duration LONGEST_LIFE = Duration.ofDays(8);

    private final Redis redis;
    private final Keys keys;
    private final byte[] lease;
    private final String self;

    IdempotencyLocks(QueueContext queue, String self, Duration lease) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.self = self;
        this.lease = bytes(lease.toMillis());
    }

    /**
     * What the key holds while a new claim of the task runs: it names the worker, as the lock is given up when that dies.
     * Unique for each claim: a second copy of the same task, even in this worker, must not pass for the first.
     */
    static String newToken(Task task, String worker) {
        return RUNNING + task.id() + ":" + worker + ":" + Task.newId();
    }

    /** What the value of the key begins with while any claim of the task holds it; empty for a task without a key. */
    static byte[] running(Task task) {
        return task.idempotencyKey().isPresent() ? bytes(RUNNING + task.id() + ":") : Bytes.EMPTY;
    }

    /** What the key holds once the task has succeeded; empty for a task without a key. */
    static byte[] done(Task task) {
        return task.idempotencyKey().isPresent() ? bytes(DONE + task.id()) : Bytes.EMPTY;
    }

    /**
     * @param held all claims of this worker that are not settled; asked for where it matters
     */
    List<Lock> take(List<Claim> claims, Supplier<? extends Collection<Claim>> held) {
        if (claims.isEmpty()) {
            return List.of();
        }
        List<String> values = ask(claims, Collections.nCopies(claims.size(), ""));
        List<String> leftOver = leftOver(values, held);
        if (leftOver.stream().anyMatch(token -> !token.isEmpty())) {
            values = ask(claims, leftOver);
        }
        List<Lock> taken = new ArrayList<>(claims.size());
        for (int i = 0; i < claims.size(); i++) {
            taken.add(lock(claims.get(i), values.get(i)));
        }
        return taken;
    }

    private List<String> ask(List<Claim> claims, List<String> leftOver) {
        List<byte[]> names = new ArrayList<>(claims.size() + 2);
        names.add(keys.workers);
        names.add(keys.silence);
        List<byte[]> args = new ArrayList<>(2 * claims.size() + 2);
        args.add(bytes(LONGEST_LIFE.toMillis()));
        args.add(lease);
        for (int i = 0; i < claims.size(); i++) {
            names.add(key(claims.get(i)));
            args.add(token(claims.get(i)));
            args.add(bytes(leftOver.get(i)));
        }
        List<String> values = new ArrayList<>(claims.size());
        for (Object value : redis.list(Script.BEGIN, names, args)) {
            values.add(value instanceof byte[] text ? Bytes.text(text) : "");
        }
        return values;
    }

    /** Of locks that this worker itself holds, the tokens of those that none of its claims has: their claim got lost. */
    private List<String> leftOver(List<String> values, Supplier<? extends Collection<Claim>> held) {
        Set<String> tokens = null;
        List<String> leftOver = new ArrayList<>(values.size());
        for (String value : values) {
            String token = "";
            if (value.startsWith(RUNNING)
                    && value.lastIndexOf(":" + self + ":") == value.lastIndexOf(':') - self.length() - 1) {
                if (tokens == null) {
                    tokens = new HashSet<>();
                    for (Claim claim : held.get()) {
                        claim.lockToken().ifPresent(tokens::add);
                    }
                }
                token = tokens.contains(value) ? "" : value;
            }
            leftOver.add(token);
        }
        return leftOver;
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
