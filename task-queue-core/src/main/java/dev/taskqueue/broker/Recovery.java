package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.Priority;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes tasks back from workers that fell silent, into their lanes or, too often, among the dead letters. */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /** How many silent workers one request names. */
    private static final int MAX_SILENT = 50;

    /** How many requests one turn makes for them. */
    private static final int MAX_PAGES = 20;

    /** How many tasks one atomic step takes back; keeps the script under a millisecond. */
    private static final int MAX_RECOVERED = 50;

    /** A worker that is silent and empty may only be paused: it is not forgotten before that. */
    private static final Duration FORGET_AFTER = Duration.ofDays(1);

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final DeadLetters deadLetters;
    private final BrokerLimits limits;
    private final ProcessingList lists;
    private final Register register;
    private final ServerClock clock;
    private final String self;
    private final Duration lease;
    private final FirstTime firstTime = new FirstTime();

    Recovery(
            QueueContext queue,
            DeadLetters deadLetters,
            ProcessingList lists,
            Register register,
            ServerClock clock,
            String self,
            Duration lease) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.limits = queue.limits();
        this.deadLetters = deadLetters;
        this.lists = lists;
        this.register = register;
        this.clock = clock;
        this.self = self;
        this.lease = lease;
    }

    Recovered recover() {
        long now = clock.now();
        for (int page = 0; page < MAX_PAGES; page++) {
            List<byte[]> silent = register.silent(page * MAX_SILENT, MAX_SILENT);
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

    /** Takes back the newest tasks that can be moved; the others stay where they are. */
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
                register.forget(worker, FORGET_AFTER);
            }
        } catch (ProcessingList.WrongTypeException e) {
            if (firstTime.of(worker)) {
                LOG.atError()
                        .addKeyValue("from_worker", worker)
                        .addKeyValue("error", e.getMessage())
                        .log("cannot read processing list of silent worker; skipped");
            }
        }
        return Recovered.NOTHING;
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
            byte[] lock = keys.normal;
            byte[] done = Bytes.EMPTY;
            byte[] backSuffix = Bytes.EMPTY;
            byte[] deadSuffix = Bytes.EMPTY;
            try {
                TaskCodec.Decoded decoded = codec.decode(raw, now);
                // Without an id of its own, and for what is no task, the bytes are what stays the same.
                id = decoded.ownId() ? decoded.task().id() : Bytes.sha1(raw);
                lane = Keys.laneNumber(decoded.task().priority());
                deadLetter = deadLetters.ofTask(decoded.task(), reason, now);
                if (decoded.ownId() && limits.tracksStatus()) {
                    lock = decoded.task()
                            .idempotencyKey()
                            .map(keys::idempotency)
                            .orElse(keys.normal);
                    done = IdempotencyLocks.done(decoded.task());
                    backSuffix =
                            StatusCodec.of(decoded.task(), TaskState.PENDING).suffix();
                    deadSuffix = StatusCodec.of(decoded.task(), TaskState.DEAD).suffix();
                }
            } catch (MalformedTaskException | RuntimeException e) {
                // Whatever the cause, the other tasks come back.
                id = Bytes.sha1(raw);
                lane = Keys.laneNumber(Priority.NORMAL);
                deadLetter = deadLetters.ofMalformed(raw, reason, now);
                lock = keys.normal;
                done = Bytes.EMPTY;
                backSuffix = Bytes.EMPTY;
                deadSuffix = Bytes.EMPTY;
            }
            ids.add(id);
            names.add(keys.recoveries(id));
            names.add(lock);
            names.add(keys.task(id));
            args.add(raw);
            args.add(lane);
            args.add(deadLetter);
            args.add(done);
            args.add(backSuffix);
            args.add(deadSuffix);
        }

        Recovered send() {
            List<Object> results = redis.list(Script.RECOVER, names, args);
            List<String> back = new ArrayList<>();
            List<String> dead = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) instanceof byte[] error) {
                    log(Bytes.text(error));
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

        private void log(String error) {
            if (firstTime.of(worker + " " + error)) {
                LOG.atError()
                        .addKeyValue("from_worker", worker)
                        .addKeyValue("error", error)
                        .log("cannot recover task of silent worker; skipped");
            }
        }
    }
}
