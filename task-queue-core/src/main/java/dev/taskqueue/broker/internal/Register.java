package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerRejectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Protocol.Command;

/** The register of the queue's workers: who has beaten when, and for how long each has been silent. */
final class Register {

    /** Of the keys and texts as this version writes them; raised when an older worker would harm what a newer one writes. */
    static final int FORMAT = 1;

    /**
     * A worker that is silent and empty may only be stopped for a while: neither it nor what it says of itself is forgotten
     * before that.
     */
    static final Duration FORGET_AFTER = Duration.ofDays(1);

    private final Redis redis;
    private final Keys keys;
    private final ServerClock clock;
    private final Duration lease;

    Register(QueueContext queue, ServerClock clock, Duration lease) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.clock = clock;
        this.lease = lease;
    }

    /**
     * @throws BrokerRejectedException if the queue's format is newer than this version
     */
    Beat beat(String worker, BeatReport report) {
        List<byte[]> args = new ArrayList<>(List.of(
                bytes(worker),
                bytes(FORMAT),
                report.details() == null ? Bytes.EMPTY : WorkerInfoCodec.write(report.details()),
                bytes(FORGET_AFTER.toMillis())));
        HistoryArgs.add(report, args);
        long asked = clock.ticks();
        List<Object> reply = redis.list(
                Script.BEAT,
                List.of(
                        keys.workers,
                        keys.paused,
                        keys.high,
                        keys.normal,
                        keys.low,
                        keys.suspects,
                        keys.format,
                        keys.cancelled,
                        keys.quiet,
                        keys.workerInfo(worker),
                        keys.recent,
                        keys.history),
                args);
        checkFormat(Bytes.number(reply.get(0)));
        clock.adjust(Bytes.number(reply.get(1)), asked);
        return new Beat(
                Bytes.number(reply.get(2)) > 0,
                Bytes.number(reply.get(3)) > 0,
                Bytes.number(reply.get(4)) > 0,
                Bytes.number(reply.get(5)) > 0,
                Bytes.number(reply.get(6)) > 0);
    }

    /** The same as each heartbeat does, for a program that has not begun to work. */
    static void checkFormat(Redis redis, Keys keys) {
        byte[] format = redis.command("check format", Bytes::ofReply, Command.GET, keys.format);
        if (format != null && Bytes.text(format).matches("\\d{1,9}")) {
            checkFormat(Integer.parseInt(Bytes.text(format)));
        }
    }

    private static void checkFormat(long format) {
        if (format > FORMAT) {
            throw new BrokerRejectedException(
                    "the queue has format " + format + ", written by a newer version of this"
                            + " library; this one knows formats up to " + FORMAT + ": upgrade it",
                    null);
        }
    }

    /** A page of workers that were visited. */
    record Visit(int visited, List<String> dead) {}

    /**
     * Adds to how long a page of workers have been silent; tells which of them have been for a whole lease.
     *
     * @param unlessLately whether to leave it where anybody has visited them within a sixteenth of a lease
     */
    Visit visit(int offset, int max, boolean unlessLately) {
        List<Object> reply = redis.list(
                Script.VISIT,
                List.of(keys.workers, keys.silence),
                List.of(bytes(lease.toMillis()), bytes(offset), bytes(max), bytes(unlessLately ? 1 : 0)));
        return new Visit(
                (int) Bytes.number(reply.get(0)),
                Bytes.list(reply.subList(1, reply.size())).stream()
                        .map(Bytes::text)
                        .toList());
    }

    /** Returns whether the worker is gone: it is not while it holds tasks, or has not been silent for that time. */
    boolean forget(String worker, Duration silence, BeatReport report) {
        List<byte[]> args = new ArrayList<>(List.of(bytes(worker), bytes(silence.toMillis())));
        HistoryArgs.add(report, args);
        long forgotten = redis.number(
                Script.FORGET,
                List.of(
                        keys.workers,
                        keys.processing(worker),
                        keys.silence,
                        keys.trial,
                        keys.quiet,
                        keys.workerInfo(worker),
                        keys.recent,
                        keys.history),
                args);
        return forgotten == 1;
    }
}
