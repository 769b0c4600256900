package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What may keep one task where it is, as it was at one time.
 *
 * @param now that time, of Redis' clock
 * @param lease how long a worker may be silent; zero where nobody has looked for the silent yet
 * @param tombstone why it is to be cancelled; empty text where no reason was given
 * @param recoveries how often it was taken back
 * @param lock what its idempotency key holds
 * @param uniqueHolder the task that holds its unique key
 * @param uniqueNext the task that waits for its unique key
 * @param workerBeat when the worker last beat that holds it
 * @param lockBeat when the worker last beat that holds its idempotency key
 */
record Circumstances(
        Instant now,
        Duration lease,
        Optional<String> tombstone,
        String recoveries,
        Optional<Holder> lock,
        String uniqueHolder,
        String uniqueNext,
        Optional<Instant> workerBeat,
        Optional<Instant> lockBeat) {

    /** Which task holds an idempotency key, and on which worker. */
    record Holder(String id, String worker) {}

    /** Whether a worker that beat last then has been silent for a lease; false where nobody knows that yet. */
    boolean isSilent(Instant beat) {
        return !lease.isZero() && beat.isBefore(now.minus(lease));
    }

    /**
     * @param task the task, as its entry says; empty where that is not known
     * @param worker who holds it; empty text if nobody does
     */
    static Circumstances read(QueueContext context, String id, Optional<Task> task, String worker) {
        Keys keys = context.keys();
        byte[] idempotency =
                task.flatMap(Task::idempotencyKey).map(keys::idempotency).orElse(keys.normal);
        List<Object> reply = context.redis()
                .list(
                        Script.WHY,
                        List.of(
                                keys.workers,
                                keys.silence,
                                keys.cancelled,
                                keys.recoveries(id),
                                idempotency,
                                task.map(known -> UniqueKeys.key(known, keys)).orElse(keys.normal)),
                        List.of(bytes(id), bytes(worker)));
        return new Circumstances(
                Instant.ofEpochMilli(Bytes.number(reply.get(0))),
                Duration.ofMillis(Bytes.number(reply.get(1))),
                Optional.of(text(reply.get(2))).filter(text -> !text.isEmpty()).map(Tombstones::reason),
                text(reply.get(3)),
                holder(text(reply.get(4))),
                text(reply.get(5)),
                text(reply.get(6)),
                time(text(reply.get(7))),
                time(text(reply.get(8))));
    }

    /** Of {@code run:<id>:<worker>:<claim>}, where the id may hold colons. */
    private static Optional<Holder> holder(String lock) {
        int claim = lock.lastIndexOf(':');
        int worker = lock.lastIndexOf(':', claim - 1);
        return lock.startsWith("run:") && worker > "run:".length()
                ? Optional.of(new Holder(lock.substring("run:".length(), worker), lock.substring(worker + 1, claim)))
                : Optional.empty();
    }

    private static Optional<Instant> time(String score) {
        return CronPlan.time(score.isEmpty() ? null : score);
    }

    private static String text(Object reply) {
        return Bytes.text((byte[]) reply);
    }
}
