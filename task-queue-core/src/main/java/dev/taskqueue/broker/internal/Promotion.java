package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves tasks whose time has come from {@code scheduled} into their lanes. */
final class Promotion {

    private static final Logger LOG = LoggerFactory.getLogger(Promotion.class);

    /** What the due script returns before the entries. */
    private static final int HEADER = 9;

    /**
     * Where in it are the time, how many lanes are not empty, when a schedule fires, and whether tasks are cancelled, the
     * queue is paused or this worker quiet, and tasks are parked.
     */
    private static final int TIME = 3;

    private static final int LANES = 4;
    private static final int CRON = 5;
    private static final int CANCELLED = 6;
    private static final int PAUSED = 7;
    private static final int PARKED = 8;

    /** How long a due task that cannot be moved waits before the next attempt to move it. */
    private static final Duration POSTPONEMENT = Duration.ofSeconds(5);

    /** How long a task waits at most before its idempotency key is looked at again; a lease where that is shorter. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private static final Duration TROUBLED_PAUSE = Duration.ofSeconds(1);

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final ReplyBounds bounds;
    private final ServerClock clock;
    private final Duration lease;
    private final Parking parking;
    private final byte[] worker;
    private final FirstTime firstTime = new FirstTime();
    /** As of the latest look; negative: none. */
    private volatile long cronWaitMillis = -1;

    private volatile boolean anyCancelled;
    private volatile boolean paused;

    Promotion(
            QueueContext queue, ReplyBounds bounds, ServerClock clock, Duration lease, Parking parking, String worker) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.bounds = bounds;
        this.clock = clock;
        this.lease = lease;
        this.parking = parking;
        this.worker = bytes(worker);
    }

    /**
     * @param tasksWait told where tasks wait in the lanes; null if nobody wants to know
     */
    Optional<Duration> promote(int max, @Nullable Runnable tasksWait) {
        long asked = clock.ticks();
        List<byte[]> names = new ArrayList<>(List.of(
                keys.scheduled, keys.dead, keys.cronDue, keys.cancelled, keys.paused, keys.waiting, keys.quiet));
        if (tasksWait != null) {
            names.addAll(List.of(keys.normal, keys.high, keys.low));
        }
        List<Object> due = redis.list(Script.DUE, names, List.of(bytes(max), bounds.room, bounds.longest, worker));
        cronWaitMillis = Bytes.number(due.get(CRON));
        anyCancelled = Bytes.number(due.get(CANCELLED)) > 0;
        paused = Bytes.number(due.get(PAUSED)) > 0;
        bounds.oversized(due, 1);
        Optional<Duration> next = promote(due, asked);
        boolean parked = parking.look(Bytes.number(due.get(PARKED)) > 0);
        if (tasksWait != null && (parked || due.size() > HEADER || Bytes.number(due.get(LANES)) > 0)) {
            tasksWait.run();
        }
        return next;
    }

    private Optional<Duration> promote(List<Object> due, long asked) {
        long wait = Bytes.number(due.get(0));
        if (wait < 0) {
            return Optional.empty();
        }
        // What is due by this time is, in this worker's eyes too.
        clock.adjust(Bytes.number(due.get(TIME)), asked);
        if (due.size() > HEADER && !move(Bytes.list(due.subList(HEADER, due.size())))) {
            return Optional.of(TROUBLED_PAUSE);
        }
        return Optional.of(Duration.ofMillis(wait));
    }

    /** In how long a schedule is due, as the latest look at what is scheduled told along with it. */
    Optional<Duration> cronWait() {
        long wait = cronWaitMillis;
        return wait < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(wait));
    }

    /** Whether there are cancelled tasks, as the latest look told. */
    boolean anyCancelled() {
        return anyCancelled;
    }

    /** Whether the queue was paused, or this worker quiet, at the latest look. */
    boolean sawPause() {
        return paused;
    }

    /** Returns whether any was moved, or another worker was faster with all of them. */
    private boolean move(List<byte[]> due) {
        List<byte[]> names = keys.withLanes(keys.scheduled);
        names.add(keys.workers);
        names.add(keys.silence);
        List<byte[]> args = new ArrayList<>(4 + 3 * due.size());
        args.add(bytes(POSTPONEMENT.toMillis()));
        args.add(bytes(lease.toMillis()));
        args.add(bytes(IdempotencyLocks.LONGEST_LIFE.toMillis()));
        args.add(bytes(Math.min(LONGEST_WAIT.toMillis(), lease.toMillis())));
        for (byte[] raw : due) {
            add(raw, names, args);
        }
        List<Object> moved = redis.list(Script.PROMOTE, names, args);
        String error = Bytes.text((byte[]) moved.get(1));
        if (!error.isEmpty() && firstTime.of(error)) {
            LOG.atError().addKeyValue("error", error).log("cannot move due task to its lane; will retry");
        }
        return error.isEmpty() || Bytes.number(moved.get(0)) > 0;
    }

    /** A malformed entry goes to the normal lane: the worker that claims it moves it to the dead letters. */
    private void add(byte[] raw, List<byte[]> names, List<byte[]> args) {
        Priority priority = Priority.NORMAL;
        Optional<String> key = Optional.empty();
        try {
            Task task = codec.decode(raw, 0).task();
            priority = task.priority();
            key = task.idempotencyKey();
        } catch (MalformedTaskException | RuntimeException e) {
            LOG.trace("malformed entry is due", e);
        }
        args.add(raw);
        args.add(Keys.laneNumber(priority));
        args.add(bytes(key.isPresent() ? 1 : 0));
        key.ifPresent(held -> names.add(keys.idempotency(held)));
    }
}
