package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Task;
import dev.taskqueue.Unique;
import java.util.ArrayList;
import java.util.List;

/** How claims take their unique keys. */
final class UniqueLocks {

    /** Answers of the script that begins tasks; a text is the task's from now on. */
    private static final int RUN = 1;

    private static final int WAIT = 0;
    private static final int STOP = 2;
    private static final int GONE = 3;
    private static final int RUN_AGAIN = 5;

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final Claiming claiming;
    private final byte[] processing;

    UniqueLocks(QueueContext queue, Claiming claiming, String worker) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.claiming = claiming;
        this.processing = queue.keys().processing(worker);
    }

    /**
     * Takes the keys of claims that are about to run; asking again changes nothing. A claim may become that of a newer content.
     *
     * @param claims claims whose tasks have a unique key
     */
    List<Lock> take(List<Claim> claims) {
        List<byte[]> names = keys.withLanes(processing);
        names.add(keys.scheduled);
        List<byte[]> args = new ArrayList<>(7 * claims.size());
        for (Claim claim : claims) {
            Task task = claim.task();
            Unique unique = task.options().unique();
            byte[] begun = UniqueKeys.begun(task, codec);
            names.add(UniqueKeys.key(task, keys));
            args.add(claim.raw());
            args.add(bytes(task.id()));
            args.add(TaskCodec.head(task.id()));
            args.add(UniqueCodec.bytes(unique.orElse()));
            args.add(bytes(UniqueKeys.hold(task)));
            args.add(begun);
            // Written anew, as what was pushed bare may have its fields in any order.
            args.add(
                    unique.orElse() != Unique.OrElse.REPLACE
                            ? Bytes.EMPTY
                            : begun.length > 0 ? begun : codec.write(task));
        }
        List<Object> replies = redis.list(Script.BEGIN_UNIQUE, names, args);
        List<Lock> taken = new ArrayList<>(claims.size());
        for (int i = 0; i < claims.size(); i++) {
            taken.add(lock(claims.get(i), replies.get(i)));
        }
        return taken;
    }

    private Lock lock(Claim claim, Object reply) {
        if (reply instanceof byte[] text) {
            return claiming.become(claim, text) ? Lock.TAKEN : Lock.GONE;
        }
        return switch ((int) Bytes.number(reply)) {
            case RUN -> Lock.TAKEN;
            case WAIT -> Lock.BUSY;
            case STOP -> Lock.DONE;
            case GONE -> Lock.GONE;
            case RUN_AGAIN -> {
                // As far as anybody knows: by a worker that has died, or one whose handler was interrupted.
                claim.begin();
                yield Lock.TAKEN;
            }
            default -> Lock.UNIQUE_UNUSABLE;
        };
    }
}
