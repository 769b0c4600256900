package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.Priority;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings tasks back into their lanes: those whose time has come, and those of workers that fell silent. */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /** How many silent workers one request names. */
    private static final int MAX_SILENT = 50;

    /** How many requests one turn makes for them. */
    private static final int MAX_PAGES = 20;

    /** How many tasks one atomic step takes back; keeps the script under a millisecond. */
    private static final int MAX_RECOVERED = 50;

    /** What the due script tells before the entries. */
    private static final int DUE_HEAD = 3;

    /** How long what is due, and cannot be moved, waits before it is tried again. */
    private static final Duration POSTPONEMENT = Duration.ofSeconds(5);

    private static final Duration TROUBLED_PAUSE = Duration.ofSeconds(1);

    /** A worker that is silent and empty may only be paused: it is not forgotten before that. */
    private static final Duration FORGET_AFTER = Duration.ofDays(1);

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final DeadLetters deadLetters;
    private final BrokerLimits limits;
    private final ReplyBounds bounds;
    private final ProcessingList lists;
    private final String self;
    private final Duration lease;
    private final FirstTime firstTime = new FirstTime();

    Recovery(
            Redis redis,
            Keys keys,
            TaskCodec codec,
            DeadLetters deadLetters,
            BrokerLimits limits,
            ReplyBounds bounds,
            ProcessingList lists,
            String self,
            Duration lease) {
        this.redis = redis;
        this.keys = keys;
        this.codec = codec;
        this.deadLetters = deadLetters;
        this.limits = limits;
        this.bounds = bounds;
        this.lists = lists;
        this.self = self;
        this.lease = lease;
    }

    Optional<Duration> promote(int max) {
        List<Object> due = redis.list(
                Script.DUE, List.of(keys.scheduled, keys.dead), List.of(bytes(max), bounds.room, bounds.longest));
        bounds.oversized(due, 1);
        long wait = Bytes.number(due.get(0));
        if (wait < 0) {
            return Optional.empty();
        }
        if (due.size() > DUE_HEAD && !move(Bytes.list(due.subList(DUE_HEAD, due.size())))) {
            return Optional.of(TROUBLED_PAUSE);
        }
        return Optional.of(Duration.ofMillis(wait));
    }

    /** Returns whether any was moved, or another worker was faster with all of them. */
    private boolean move(List<byte[]> due) {
        List<byte[]> args = new ArrayList<>(1 + 2 * due.size());
        args.add(bytes(POSTPONEMENT.toMillis()));
        for (byte[] raw : due) {
            args.add(raw);
            args.add(Keys.laneNumber(laneOf(raw)));
        }
        List<Object> moved = redis.list(Script.PROMOTE, keys.withLanes(keys.scheduled), args);
        String error = Bytes.text((byte[]) moved.get(1));
        if (!error.isEmpty() && firstTime.of("promote " + error)) {
            LOG.atError().addKeyValue("error", error).log("a due task cannot be moved to its lane; trying again later");
        }
        return error.isEmpty() || Bytes.number(moved.get(0)) > 0;
    }

    /** What is no task goes to the normal lane: whoever claims it buries it with the reason. */
    private Priority laneOf(byte[] raw) {
        try {
            return codec.decode(raw, 0).task().priority();
        } catch (MalformedTaskException | RuntimeException e) {
            return Priority.NORMAL;
        }
    }

    Recovered recover(long now) {
        for (int page = 0; page < MAX_PAGES; page++) {
            List<byte[]> silent = Bytes.list(redis.list(
                    Script.SILENT,
                    List.of(keys.workers),
                    List.of(bytes(lease.toMillis()), bytes(page * MAX_SILENT), bytes(MAX_SILENT))));
            for (byte[] name : silent) {
                String worker = Bytes.text(name);
                if (!worker.equals(self)) {
                    Recovered recovered = recoverFrom(worker, now);
                    if (recovered.size() > 0) {
                        return recovered;
                    }
                }
            }
            if (silent.size() < MAX_SILENT) {
                break;
            }
        }
        return Recovered.NOTHING;
    }

    /** Takes back the newest that can be; what cannot be stays, and is passed over. */
    private Recovered recoverFrom(String worker, long now) {
        try {
            ProcessingList.Page page;
            long from = 0;
            boolean empty = true;
            do {
                page = lists.page(keys.processing(worker), from, MAX_RECOVERED);
                if (!page.entries().isEmpty()) {
                    empty = false;
                    Recovered recovered = new RecoverRequest(worker, now)
                            .addAll(page.entries())
                            .send();
                    if (recovered.size() > 0) {
                        return recovered;
                    }
                }
                from = page.next();
            } while (!page.isLast());
            if (empty) {
                forget(worker, FORGET_AFTER);
            }
        } catch (ProcessingList.WrongTypeException e) {
            if (firstTime.of(worker)) {
                LOG.atError()
                        .addKeyValue("from_worker", worker)
                        .addKeyValue("error", e.getMessage())
                        .log("the list of a silent worker cannot be read; passed over");
            }
        }
        return Recovered.NOTHING;
    }

    boolean forget(String worker, Duration silence) {
        long forgotten = redis.number(
                Script.FORGET,
                List.of(keys.workers, keys.processing(worker)),
                List.of(bytes(worker), bytes(silence.toMillis())));
        return forgotten == 1;
    }

    /** One call of the recover script, as it is put together; the script's header tells the order. */
    private final class RecoverRequest {

        private final String worker;
        private final long now;
        private final List<String> ids = new ArrayList<>();
        private final List<byte[]> names;
        private final List<byte[]> args = new ArrayList<>();

        RecoverRequest(String worker, long now) {
            this.worker = worker;
            this.now = now;
            names = keys.withLanes(keys.workers, keys.processing(worker));
            names.add(keys.dead);
            names.add(keys.scheduled);
            args.add(bytes(worker));
            args.add(bytes(lease.toMillis()));
            args.add(bytes(limits.maxRecoveries()));
            args.add(bytes(Math.max(limits.statusTtl().toMillis(), FORGET_AFTER.toMillis())));
            args.add(StatusCodec.prefix(worker));
        }

        RecoverRequest addAll(List<byte[]> held) {
            held.forEach(this::add);
            return this;
        }

        private void add(byte[] raw) {
            String reason = "poison: taken back from a lost worker more than " + limits.maxRecoveries() + " times";
            String id;
            byte[] lane;
            byte[] deadLetter;
            byte[] backTail = Bytes.EMPTY;
            byte[] deadTail = Bytes.EMPTY;
            try {
                TaskCodec.Decoded decoded = codec.decode(raw, now);
                // Without an id of its own, and for what is no task, the bytes are what stays the same.
                id = decoded.ownId() ? decoded.task().id() : Bytes.sha1(raw);
                lane = Keys.laneNumber(decoded.task().priority());
                deadLetter = deadLetters.ofTask(decoded.task(), reason, now);
                if (decoded.ownId() && limits.tracksStatus()) {
                    backTail = StatusCodec.of(decoded.task(), TaskState.PENDING).suffix();
                    deadTail = StatusCodec.of(decoded.task(), TaskState.DEAD).suffix();
                }
            } catch (MalformedTaskException | RuntimeException e) {
                // Whatever is the matter with it: the others come back.
                id = Bytes.sha1(raw);
                lane = Keys.laneNumber(Priority.NORMAL);
                deadLetter = deadLetters.ofMalformed(raw, reason, now);
                backTail = Bytes.EMPTY;
                deadTail = Bytes.EMPTY;
            }
            ids.add(id);
            names.add(keys.recoveries(id));
            names.add(keys.task(id));
            args.add(raw);
            args.add(lane);
            args.add(deadLetter);
            args.add(backTail);
            args.add(deadTail);
        }

        Recovered send() {
            List<Object> results = redis.list(Script.RECOVER, names, args);
            List<String> back = new ArrayList<>();
            List<String> dead = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) instanceof byte[] error) {
                    tell(Bytes.text(error));
                    continue;
                }
                switch ((int) Bytes.number(results.get(i))) {
                    case 1 -> back.add(ids.get(i));
                    case 2 -> dead.add(ids.get(i));
                    default -> {}
                }
            }
            return new Recovered(worker, back, dead);
        }

        private void tell(String error) {
            if (firstTime.of(worker + " " + error)) {
                LOG.atError()
                        .addKeyValue("from_worker", worker)
                        .addKeyValue("error", error)
                        .log("a task of a silent worker cannot be moved; passed over");
            }
        }
    }
}
