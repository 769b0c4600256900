package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The register of the queue's workers: who has beaten when, and who is silent. */
final class Register {

    private final Redis redis;
    private final Keys keys;
    private final IdempotencyLocks locks;
    private final ServerClock clock;
    private final Duration lease;

    Register(QueueContext queue, IdempotencyLocks locks, ServerClock clock, Duration lease) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.locks = locks;
        this.clock = clock;
        this.lease = lease;
    }

    Beat beat(String worker, Collection<Claim> held) {
        List<byte[]> names = new ArrayList<>(held.size() + 5);
        List<byte[]> args = new ArrayList<>(held.size() + 2);
        names.addAll(List.of(keys.workers, keys.paused, keys.high, keys.normal, keys.low));
        args.add(bytes(worker));
        args.add(bytes(lease.toMillis()));
        for (Claim claim : held) {
            if (claim.lockToken().isPresent()) {
                names.add(locks.key(claim));
                args.add(IdempotencyLocks.token(claim));
            }
        }
        List<Object> reply = redis.list(Script.BEAT, names, args);
        clock.adjust(Bytes.number(reply.get(0)));
        return new Beat(Bytes.number(reply.get(1)) > 0, Bytes.number(reply.get(2)) > 0);
    }

    /** The workers whose lease has run out, the longest silent first. */
    List<byte[]> silent(int offset, int max) {
        return Bytes.list(redis.list(
                Script.SILENT, List.of(keys.workers), List.of(bytes(lease.toMillis()), bytes(offset), bytes(max))));
    }

    /** Returns whether the worker is gone: it is not while it holds tasks, or has beaten within that time. */
    boolean forget(String worker, Duration silence) {
        long forgotten = redis.number(
                Script.FORGET,
                List.of(keys.workers, keys.processing(worker)),
                List.of(bytes(worker), bytes(silence.toMillis())));
        return forgotten == 1;
    }
}
