package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.Priority;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings tasks back into their lanes: those whose time has come, and those of workers that fell silent. */
final class Recovery {

    /** How many silent workers one turn looks at. */
    private static final int MAX_SILENT = 20;

    /** How many tasks one atomic step takes back; keeps the script under a millisecond. */
    private static final int MAX_RECOVERED = 50;

    private static final int MAX_PROMOTED_BYTES = 8 << 20;

    /** A worker that is silent and empty may only be paused: it is not forgotten before that. */
    private static final Duration FORGET_AFTER = Duration.ofDays(1);

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final DeadLetters deadLetters;
    private final BrokerLimits limits;
    private final String self;
    private final Duration lease;

    Recovery(
            Redis redis,
            Keys keys,
            TaskCodec codec,
            DeadLetters deadLetters,
            BrokerLimits limits,
            String self,
            Duration lease) {
        this.redis = redis;
        this.keys = keys;
        this.codec = codec;
        this.deadLetters = deadLetters;
        this.limits = limits;
        this.self = self;
        this.lease = lease;
    }

    Optional<Duration> promote(int max) {
        List<Object> due = Bytes.mixedList(
                redis.run(Script.DUE, List.of(keys.scheduled), List.of(bytes(max), bytes(MAX_PROMOTED_BYTES))));
        long wait = Bytes.number(due.get(0));
        if (wait < 0) {
            return Optional.empty();
        }
        if (due.size() > 1) {
            List<byte[]> args = new ArrayList<>(2 * due.size());
            for (Object entry : due.subList(1, due.size())) {
                byte[] raw = (byte[]) entry;
                args.add(raw);
                args.add(Lanes.argument(laneOf(raw)));
            }
            redis.run(Script.PROMOTE, Lanes.keysAfter(keys, keys.scheduled), args);
        }
        return Optional.of(Duration.ofMillis(wait));
    }

    /** What is no task goes to the normal lane: whoever claims it buries it with the reason. */
    private Priority laneOf(byte[] raw) {
        try {
            return codec.decode(raw, 0).task().priority();
        } catch (MalformedTaskException e) {
            return Priority.NORMAL;
        }
    }

    BrokerSession.Recovered recover(long now) {
        List<byte[]> silent = Bytes.list(
                redis.run(Script.SILENT, List.of(keys.workers), List.of(bytes(lease.toMillis()), bytes(MAX_SILENT))));
        for (byte[] name : silent) {
            String worker = Bytes.text(name);
            if (worker.equals(self)) {
                continue;
            }
            byte[] processing = keys.processing(worker);
            List<byte[]> held = redis.call("recover", client -> client.lrange(processing, 0, MAX_RECOVERED - 1L));
            if (held.isEmpty()) {
                forget(worker, FORGET_AFTER);
                continue;
            }
            BrokerSession.Recovered recovered =
                    new RecoverRequest(worker, now).addAll(held).send();
            if (recovered.size() > 0) {
                return recovered;
            }
        }
        return new BrokerSession.Recovered("", List.of(), List.of());
    }

    boolean forget(String worker, Duration silence) {
        Object forgotten = redis.run(
                Script.FORGET,
                List.of(keys.workers, keys.processing(worker)),
                List.of(bytes(worker), bytes(silence.toMillis())));
        return Bytes.number(forgotten) == 1;
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
            names = Lanes.keysAfter(keys, keys.workers, keys.processing(worker));
            names.add(keys.dead);
            names.add(keys.scheduled);
            args.add(bytes(worker));
            args.add(bytes(lease.toMillis()));
            args.add(bytes(limits.maxRecoveries()));
            args.add(bytes(Math.max(limits.statusTtl().toMillis(), FORGET_AFTER.toMillis())));
            args.add(StatusText.head(worker));
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
                lane = Lanes.argument(decoded.task().priority());
                deadLetter = deadLetters.ofTask(decoded.task(), reason, now);
                if (decoded.ownId() && limits.tracksStatus()) {
                    backTail = StatusText.of(decoded.task(), TaskState.PENDING).tail();
                    deadTail = StatusText.of(decoded.task(), TaskState.DEAD).tail();
                }
            } catch (MalformedTaskException e) {
                id = Bytes.sha1(raw);
                lane = Lanes.argument(Priority.NORMAL);
                deadLetter = deadLetters.ofMalformed(raw, reason, now);
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

        BrokerSession.Recovered send() {
            List<Object> results = Bytes.mixedList(redis.run(Script.RECOVER, names, args));
            List<String> back = new ArrayList<>();
            List<String> dead = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                switch ((int) Bytes.number(results.get(i))) {
                    case 1 -> back.add(ids.get(i));
                    case 2 -> dead.add(ids.get(i));
                    default -> {}
                }
            }
            return new BrokerSession.Recovered(worker, back, dead);
        }
    }
}
