package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes tasks back from workers that fell silent, into their lanes or, too often, among the dead letters. */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /** How many workers one request visits. */
    private static final int MAX_VISITED = 100;

    /** How many one turn visits. */
    private static final int MAX_WORKERS = 10_000;

    private static final int MAX_FAILED = 1_000;

    /** How many tasks one atomic step takes back; keeps the script under a millisecond. */
    private static final int MAX_RECOVERED = 50;

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final DeadLetterWriter deadLetters;
    private final BrokerLimits limits;
    private final ProcessingList lists;
    private final Register register;
    private final ServerClock clock;
    private final String self;
    private final Duration lease;
    private final FirstTime firstTime = new FirstTime();
    private final Set<String> failed = new HashSet<>();

    Recovery(
            QueueContext queue,
            DeadLetterWriter deadLetters,
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

    /**
     * @param unlessLately whether to leave it where anybody has looked lately
     */
    Recovered recover(boolean unlessLately) {
        long now = clock.now();
        for (String worker : dead(unlessLately)) {
            if (worker.equals(self)) {
                continue;
            }
            try {
                Recovered recovered = recoverFrom(worker, now);
                failed.remove(worker);
                if (recovered.size() > 0) {
                    return recovered;
                }
            } catch (BrokerUnavailableException | BrokerRejectedException e) {
                // The next time the others come first: the refusal may be due to this one alone.
                if (failed.size() < MAX_FAILED) {
                    failed.add(worker);
                }
                throw e;
            }
        }
        return Recovered.NOTHING;
    }

    /** Visits all workers; those that could not be recovered the last time come last. */
    private List<String> dead(boolean unlessLately) {
        List<String> dead = new ArrayList<>();
        List<String> last = new ArrayList<>();
        int offset = 0;
        Register.Visit page;
        do {
            page = register.visit(offset, MAX_VISITED, unlessLately);
            page.dead().forEach(worker -> (failed.contains(worker) ? last : dead).add(worker));
            offset += page.visited();
        } while (page.visited() == MAX_VISITED && offset < MAX_WORKERS);
        dead.addAll(last);
        return dead;
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
                register.forget(worker, Register.FORGET_AFTER, BeatReport.NONE);
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

        /** What the script answers for the one that killed its worker in its trial. */
        private static final int CONVICTED = 3;

        private static final String REASON =
                "poison: its worker died in its trial, after it was taken back from a lost worker too often";

        private final String worker;
        private final long now;
        private final List<byte[]> raws = new ArrayList<>();
        private final List<String> ids = new ArrayList<>();
        private final List<byte[]> names;
        private final List<byte[]> args = new ArrayList<>();

        RecoverRequest(String worker, long now) {
            this.worker = worker;
            this.now = now;
            names = keys.withLanes(keys.workers, keys.processing(worker));
            names.addAll(List.of(
                    keys.dead, keys.suspects, keys.silence, keys.trial, keys.scheduled, keys.workerInfo(worker)));
            args.add(bytes(worker));
            args.add(bytes(lease.toMillis()));
            args.add(bytes(limits.maxRecoveries()));
            args.add(bytes(Math.max(limits.statusTtl().toMillis(), Register.FORGET_AFTER.toMillis())));
            args.add(StatusCodec.prefix(worker));
        }

        RecoverRequest addAll(List<byte[]> held) {
            held.forEach(raw -> add(raw, false));
            return this;
        }

        private void add(byte[] raw, boolean convicted) {
            Optional<Task> own = read(raw);
            // Without an id of its own it has never begun.
            String id = own.map(Task::id).orElse("");
            Priority lane = own.map(Task::priority).orElseGet(() -> laneOf(raw));
            raws.add(raw);
            ids.add(own.isPresent() ? id : Bytes.sha1(raw));
            names.add(keys.recoveries(id));
            names.add(own.flatMap(Task::idempotencyKey).map(keys::idempotency).orElse(keys.normal));
            names.add(own.map(task -> UniqueKeys.key(task, keys)).orElse(keys.normal));
            names.add(keys.task(id));
            args.add(raw);
            args.add(bytes(id));
            args.add(Keys.laneNumber(lane));
            args.add(convicted ? deadLetters.ofTask(own.orElseThrow(), REASON, Optional.empty(), now) : Bytes.EMPTY);
            args.add(own.map(IdempotencyLocks::done).orElse(Bytes.EMPTY));
            args.add(own.map(task -> suffix(task, StatusCodec.waiting(task, now)))
                    .orElse(Bytes.EMPTY));
            args.add(own.map(task -> suffix(task, TaskState.DEAD)).orElse(Bytes.EMPTY));
        }

        /** The task, if it has an id of its own. */
        private Optional<Task> read(byte[] raw) {
            try {
                TaskCodec.Decoded decoded = codec.decode(raw, now);
                return decoded.ownId() ? Optional.of(decoded.task()) : Optional.empty();
            } catch (MalformedTaskException | RuntimeException e) {
                // Whatever the cause, it goes back: the worker that claims it buries it with the reason.
                return Optional.empty();
            }
        }

        private Priority laneOf(byte[] raw) {
            try {
                return codec.decode(raw, now).task().priority();
            } catch (MalformedTaskException | RuntimeException e) {
                return Priority.NORMAL;
            }
        }

        private byte[] suffix(Task task, TaskState state) {
            return limits.tracksStatus() ? StatusCodec.of(task, state).suffixOrNone() : Bytes.EMPTY;
        }

        Recovered send() {
            List<Object> results = redis.list(Script.RECOVER, names, args);
            List<String> back = new ArrayList<>();
            List<String> dead = new ArrayList<>();
            RecoverRequest convicted = new RecoverRequest(worker, now);
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) instanceof byte[] error) {
                    log(Bytes.text(error));
                    continue;
                }
                switch ((int) Bytes.number(results.get(i))) {
                    case 1 -> back.add(ids.get(i));
                    case 2 -> dead.add(ids.get(i));
                    case CONVICTED -> convicted.add(raws.get(i), true);
                    default -> {}
                }
            }
            if (!convicted.raws.isEmpty()) {
                dead.addAll(convicted.send().deadIds());
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
