package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.QueueStats;
import dev.taskqueue.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.Protocol.Command;

/** Tells where tasks are: one of them, or how many in each place. */
final class Inspection {

    /** A promoter that works is less than 2 s late, and 5 s leave room for a pause of the machine. */
    static final Duration OVERDUE = Duration.ofSeconds(5);

    private static final int COUNTS = 10;

    private final Redis redis;
    private final Keys keys;
    private final String queue;

    Inspection(QueueContext context, String queue) {
        this.redis = context.redis();
        this.keys = context.keys();
        this.queue = queue;
    }

    Optional<TaskStatus> status(String id) {
        List<byte[]> values = redis.values("status", List.of(keys.task(id), keys.recoveries(id)));
        return Optional.ofNullable(values.get(0)).map(text -> StatusCodec.read(queue, id, text, values.get(1)));
    }

    QueueStats stats() {
        List<byte[]> workers = workers();
        List<byte[]> names = new ArrayList<>(9 + workers.size());
        names.addAll(List.of(
                keys.high,
                keys.normal,
                keys.low,
                keys.scheduled,
                keys.dead,
                keys.paused,
                keys.suspects,
                keys.workers,
                keys.silence));
        workers.forEach(worker -> names.add(keys.processing(Bytes.text(worker))));
        List<Object> reply = redis.list(
                Script.STATS,
                names,
                List.of(bytes(OVERDUE.toMillis()), bytes(OldestReady.ENTRIES), bytes(OldestReady.BYTES)));
        long[] counts =
                reply.subList(0, COUNTS).stream().mapToLong(Bytes::number).toArray();
        String nextDue = Bytes.text((byte[]) reply.get(COUNTS + 2));
        return new QueueStats(
                queue,
                counts[0],
                counts[1],
                counts[2],
                counts[7],
                counts[3],
                counts[6],
                counts[9],
                counts[4],
                (int) counts[8],
                counts[5] == 1 ? Optional.of(Pauses.read((byte[]) reply.get(COUNTS))) : Optional.empty(),
                OldestReady.of(reply.subList(COUNTS + 3, COUNTS + 6)),
                CronPlan.time(nextDue.isEmpty() ? null : nextDue),
                Bytes.number(reply.get(COUNTS + 1)));
    }

    /** None where something else is in the place of the register. */
    private List<byte[]> workers() {
        try {
            return redis.command("stats", Bytes::list, Command.ZRANGE, keys.workers, 0, -1);
        } catch (BrokerUnavailableException e) {
            if (ErrorCode.isOfWrongType(e)) {
                return List.of();
            }
            throw e;
        }
    }
}
