package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns outcomes into the arguments of the settle script, and its answers back. */
final class Settlement {

    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);
    private static final byte[] DONE = bytes("done");
    private static final byte[] FINISH = bytes("finish");

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final DeadLetters deadLetters;
    private final boolean tracking;
    private final byte[] processing;
    private final byte[] worker;
    private final byte[] statusTtl;
    private final byte[] idempotencyTtl;
    private volatile String lastRefusal = "";

    Settlement(Redis redis, Keys keys, TaskCodec codec, DeadLetters deadLetters, BrokerLimits limits, String worker) {
        this.redis = redis;
        this.keys = keys;
        this.codec = codec;
        this.deadLetters = deadLetters;
        this.tracking = limits.tracksStatus();
        this.processing = keys.processing(worker);
        this.worker = bytes(worker);
        this.statusTtl = bytes(limits.statusTtl().toMillis());
        this.idempotencyTtl = bytes(limits.idempotencyTtl().toMillis());
    }

    List<BrokerSession.Settled> settle(List<? extends Outcome> outcomes, long now) {
        if (outcomes.isEmpty()) {
            return List.of();
        }
        Request request = new Request(outcomes.size());
        for (Outcome outcome : outcomes) {
            request.add(outcome, now);
        }
        return request.send();
    }

    void buryMalformed(Map<byte[], String> errors, long now) {
        Request request = new Request(errors.size());
        errors.forEach((raw, error) -> {
            request.verb("bury", raw, deadLetters.ofMalformed(raw, error, now), Bytes.EMPTY);
            request.args.add(Bytes.EMPTY);
            request.args.add(bytes(0));
        });
        request.send();
        errors.forEach((raw, error) -> {
            LOG.atWarn().addKeyValue("bytes", raw.length).log("an entry that is no task lies in dead now");
            // The error quotes what was in it.
            LOG.atDebug().addKeyValue("error", error).log("why it is no task");
        });
    }

    void markRunning(Map<Claim, Duration> running) {
        if (!tracking || running.isEmpty()) {
            return;
        }
        List<byte[]> names = new ArrayList<>();
        List<byte[]> args = new ArrayList<>();
        names.add(processing);
        args.add(worker);
        running.forEach((claim, runTime) -> {
            Task task = claim.task();
            names.add(keys.task(task.id()));
            args.add(claim.raw());
            args.add(bytes(task.type()));
            args.add(bytes(task.attempt()));
            args.add(bytes(task.createdAt()));
            args.add(bytes(runTime.toMillis()));
        });
        redis.run(Script.RUNNING, names, args);
    }

    /** One call of the settle script, as it is put together; the script's header tells the order. */
    private final class Request {

        private final List<byte[]> names;
        private final List<byte[]> args;

        Request(int size) {
            names = Lanes.keysAfter(keys, processing);
            args = new ArrayList<>(4 + 4 * size);
            names.add(keys.scheduled);
            names.add(keys.dead);
            args.addAll(List.of(worker, statusTtl, idempotencyTtl, bytes(tracking ? 1 : 0)));
        }

        void add(Outcome outcome, long now) {
            Claim claim = outcome.claim();
            Task task = claim.task();
            if (outcome instanceof Outcome.Succeeded succeeded) {
                succeeded(succeeded, task);
            } else if (outcome instanceof Outcome.Retry retry) {
                verb(
                        "schedule",
                        claim.raw(),
                        codec.write(retry.next()),
                        bytes(retry.delay().toMillis()));
                token(claim);
                status(
                        task,
                        TaskState.RETRYING,
                        task.attempt(),
                        "last_error",
                        retry.next().lastError().orElse(""));
            } else if (outcome instanceof Outcome.Dead dead) {
                verb(
                        "bury",
                        claim.raw(),
                        deadLetters.ofTask(dead.failed(), dead.reason(), now),
                        bytes(dead.runTime().toMillis()));
                token(claim);
                status(
                        task,
                        TaskState.DEAD,
                        task.attempt(),
                        "last_error",
                        dead.failed().lastError().orElse(""));
            } else if (outcome instanceof Outcome.Duplicate duplicate) {
                verb("skip", claim.raw(), Bytes.EMPTY, Bytes.EMPTY);
                token(claim);
                status(task, duplicate.ofItself() ? TaskState.SUCCEEDED : TaskState.DUPLICATE, task.retry());
            } else if (outcome instanceof Outcome.Deferred deferred) {
                verb(
                        "schedule",
                        claim.raw(),
                        claim.raw(),
                        bytes(deferred.delay().toMillis()));
                token(claim);
                status(task, TaskState.PENDING, task.retry());
            } else if (outcome instanceof Outcome.Released) {
                verb("release", claim.raw(), Bytes.EMPTY, Lanes.argument(task.priority()));
                token(claim);
                status(task, task.retry() == 0 ? TaskState.PENDING : TaskState.RETRYING, task.retry());
            }
        }

        private void succeeded(Outcome.Succeeded outcome, Task task) {
            Claim claim = outcome.claim();
            boolean plain = claim.lockToken().isEmpty() && outcome.result().isEmpty();
            args.add(plain ? DONE : FINISH);
            args.add(claim.raw());
            args.add(bytes(task.attempt()));
            args.add(bytes(outcome.runTime().toMillis()));
            if (!plain) {
                token(claim);
                args.add(bytes(task.id()));
                args.add(outcome.result().map(Bytes::bytes).orElse(Bytes.EMPTY));
            }
            if (tracking) {
                names.add(keys.task(task.id()));
            }
        }

        void verb(String verb, byte[] raw, byte[] text, byte[] number) {
            args.add(bytes(verb));
            args.add(raw);
            args.add(text);
            args.add(number);
        }

        private void token(Claim claim) {
            if (claim.lockToken().isPresent()) {
                args.add(bytes(claim.lockToken().get()));
                names.add(keys.idempotency(claim.task().idempotencyKey().orElseThrow()));
            } else {
                args.add(Bytes.EMPTY);
            }
        }

        private void status(Task task, TaskState state, int attempts, String... more) {
            if (!tracking) {
                args.add(bytes(0));
                return;
            }
            names.add(keys.task(task.id()));
            args.add(bytes(8 + more.length));
            field("state", state.wireName());
            field("type", task.type());
            field("attempts", Integer.toString(attempts));
            field("created_at", Long.toString(task.createdAt()));
            for (int i = 0; i < more.length; i += 2) {
                field(more[i], more[i + 1]);
            }
        }

        private void field(String name, String value) {
            args.add(bytes(name));
            args.add(bytes(value));
        }

        List<BrokerSession.Settled> send() {
            List<BrokerSession.Settled> settled = new ArrayList<>();
            String refusal = "";
            for (Object result : Bytes.mixedList(redis.run(Script.SETTLE, names, args))) {
                if (result instanceof Long count) {
                    settled.add(count == 1 ? BrokerSession.Settled.YES : BrokerSession.Settled.NOT_OURS);
                } else {
                    refusal = Bytes.text((byte[]) result);
                    settled.add(BrokerSession.Settled.REFUSED);
                }
            }
            tell(refusal);
            return settled;
        }
    }

    /** Once when it begins, not each time that the same outcome is sent again. */
    private void tell(String refusal) {
        if (!refusal.isEmpty() && !refusal.equals(lastRefusal)) {
            LOG.atError()
                    .addKeyValue("error", refusal)
                    .log("Redis refuses an outcome; its task stays in the processing list, and it is tried again");
        }
        lastRefusal = refusal;
    }
}
