package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns outcomes into the arguments of the settle script, and its answers back. */
final class Settlement {

    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);
    private static final byte[] DONE = bytes("done");
    private static final byte[] FINISH = bytes("finish");
    private static final byte[] SKIP = bytes("skip");
    private static final byte[] AGAIN = bytes("again");
    private static final byte[] SCHEDULE = bytes("schedule");
    private static final byte[] BURY = bytes("bury");
    private static final byte[] RELEASE = bytes("release");

    /** Outcomes of large tasks are committed in several requests: what is written of them is in the heap until it is sent. */
    private static final int MAX_REQUEST_BYTES = 4 << 20;

    /** Each of them may be looked for in the whole list: bounds how long one script runs. */
    private static final int MAX_REQUEST = 500;

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final DeadLetters deadLetters;
    private final boolean tracking;
    private final byte[] processing;
    private final byte[] statusHead;
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
        this.statusHead = StatusCodec.prefix(worker);
        this.statusTtl = bytes(limits.statusTtl().toMillis());
        this.idempotencyTtl = bytes(limits.idempotencyTtl().toMillis());
    }

    List<Settled> settle(List<? extends Outcome> outcomes, long now) {
        if (outcomes.isEmpty()) {
            return List.of();
        }
        List<Settled> settled = new ArrayList<>(outcomes.size());
        Request request = new Request(outcomes.size());
        for (Outcome outcome : outcomes) {
            request.addWhatever(outcome, now);
            if (request.bytes >= MAX_REQUEST_BYTES || request.raws.size() >= MAX_REQUEST) {
                settled.addAll(request.send());
                request = new Request(outcomes.size());
            }
        }
        settled.addAll(request.send());
        return settled;
    }

    void buryMalformed(Map<byte[], String> errors, long now) {
        errors.forEach((raw, error) -> {
            // One by one: each is written as several times its size.
            Request request = new Request(1);
            request.add(BURY, raw, Bytes.EMPTY, Bytes.EMPTY, deadLetters.ofMalformed(raw, error, now));
            if (request.send().get(0) == Settled.YES) {
                LOG.atWarn().addKeyValue("bytes", raw.length).log("moved malformed entry to dead letters");
                // The error quotes what was in it.
                LOG.atDebug().addKeyValue("error", error).log("why it is malformed");
            }
        });
    }

    void markRunning(Map<Claim, Duration> running) {
        if (!tracking || running.isEmpty()) {
            return;
        }
        List<byte[]> names = new ArrayList<>();
        List<byte[]> args = new ArrayList<>();
        names.add(processing);
        args.add(statusHead);
        running.forEach((claim, runTime) -> {
            Task task = claim.task();
            byte[] tail = tail(StatusCodec.of(task, TaskState.RUNNING).attempts(task.attempt()));
            if (tail.length > 0) {
                names.add(keys.task(task.id()));
                args.add(claim.raw());
                args.add(tail);
                args.add(bytes(runTime.toMillis()));
            }
        });
        redis.run(Script.RUNNING, names, args);
    }

    /** The status of one that cannot be written is left out. */
    private static byte[] tail(StatusCodec status) {
        try {
            return status.suffix();
        } catch (RuntimeException e) {
            return Bytes.EMPTY;
        }
    }

    /** One call of the settle script, as it is put together; the script's header tells the order. */
    private final class Request {

        private final List<byte[]> names;
        private final List<byte[]> raws;
        private final List<byte[]> verbs;
        private long bytes;

        Request(int size) {
            names = keys.withLanes(processing);
            raws = new ArrayList<>(size);
            verbs = new ArrayList<>(2 * size);
            names.add(keys.scheduled);
            names.add(keys.dead);
        }

        /** An outcome that cannot be written must not keep the others from being committed. */
        void addWhatever(Outcome outcome, long now) {
            try {
                add(outcome, now);
            } catch (RuntimeException e) {
                Claim claim = outcome.claim();
                LOG.atError()
                        .addKeyValue("task_id", claim.task().id())
                        .setCause(e)
                        .log("an outcome cannot be written");
                addPlainly(outcome, "the task's next state cannot be written: " + e, now);
            }
        }

        /** A success stays one, without its result; anything else ends among the dead letters, as it was claimed. */
        private void addPlainly(Outcome outcome, String reason, long now) {
            Claim claim = outcome.claim();
            Task task = claim.task();
            boolean succeeded = outcome instanceof Outcome.Succeeded;
            byte[] status = tail(status(task, succeeded ? TaskState.SUCCEEDED : TaskState.DEAD, task.attempt()));
            if (!succeeded) {
                add(BURY, claim, status, token(claim), deadLetters.ofMalformed(claim.raw(), reason, now));
            } else if (claim.lockToken().isEmpty()) {
                add(DONE, claim, status);
            } else {
                add(FINISH, claim, status, bytes(task.id()));
            }
        }

        private void add(Outcome outcome, long now) {
            Claim claim = outcome.claim();
            Task task = claim.task();
            if (outcome instanceof Outcome.Succeeded succeeded) {
                StatusCodec status = status(task, TaskState.SUCCEEDED, task.attempt())
                        .runTime(succeeded.runTime())
                        .result(succeeded.result(), succeeded.resultError());
                if (claim.lockToken().isEmpty()) {
                    add(DONE, claim, status);
                } else {
                    add(FINISH, claim, status, bytes(task.id()));
                }
            } else if (outcome instanceof Outcome.Retry retry) {
                StatusCodec status = status(retry.next(), TaskState.RETRYING, task.attempt())
                        .runTime(retry.runTime())
                        .delay(retry.delay());
                add(SCHEDULE, claim, status, token(claim), codec.write(retry.next()), millis(retry.delay()));
            } else if (outcome instanceof Outcome.Dead dead) {
                StatusCodec status =
                        status(dead.failed(), TaskState.DEAD, task.attempt()).runTime(dead.runTime());
                add(BURY, claim, status, token(claim), deadLetters.ofTask(dead.failed(), dead.reason(), now));
            } else if (outcome instanceof Outcome.Duplicate duplicate) {
                TaskState state = duplicate.ofItself() ? TaskState.SUCCEEDED : TaskState.DUPLICATE;
                add(duplicate.ofItself() ? AGAIN : SKIP, claim, status(task, state, task.retry()), token(claim));
            } else if (outcome instanceof Outcome.Deferred deferred) {
                StatusCodec status = status(task, TaskState.PENDING, task.retry());
                add(SCHEDULE, claim, status, token(claim), claim.raw(), millis(deferred.delay()));
            } else if (outcome instanceof Outcome.Released) {
                TaskState state = task.retry() == 0 ? TaskState.PENDING : TaskState.RETRYING;
                add(RELEASE, claim, status(task, state, task.retry()), token(claim), Keys.laneNumber(task.priority()));
            }
        }

        private void add(byte[] verb, Claim claim, StatusCodec status, byte[]... more) {
            add(verb, claim, tracking ? status.suffix() : Bytes.EMPTY, more);
        }

        private void add(byte[] verb, Claim claim, byte[] statusTail, byte[]... more) {
            claim.lockToken()
                    .ifPresent(token -> names.add(
                            keys.idempotency(claim.task().idempotencyKey().orElseThrow())));
            if (tracking && statusTail.length > 0) {
                names.add(keys.task(claim.task().id()));
            }
            add(verb, claim.raw(), tracking ? statusTail : Bytes.EMPTY, more);
        }

        void add(byte[] verb, byte[] raw, byte[] statusTail, byte[]... more) {
            raws.add(raw);
            verbs.add(verb);
            Collections.addAll(verbs, more);
            bytes += raw.length + statusTail.length;
            for (byte[] each : more) {
                bytes += each.length;
            }
            if (tracking) {
                verbs.add(statusTail);
            }
        }

        private StatusCodec status(Task task, TaskState state, int attempts) {
            return StatusCodec.of(task, state).attempts(attempts);
        }

        private byte[] token(Claim claim) {
            return claim.lockToken().map(Bytes::bytes).orElse(Bytes.EMPTY);
        }

        private byte[] millis(Duration duration) {
            return bytes(duration.toMillis());
        }

        List<Settled> send() {
            if (raws.isEmpty()) {
                return List.of();
            }
            List<byte[]> args = new ArrayList<>(5 + raws.size() + verbs.size());
            args.addAll(List.of(statusHead, statusTtl, idempotencyTtl, bytes(tracking ? 1 : 0), bytes(raws.size())));
            args.addAll(raws);
            args.addAll(verbs);
            List<Settled> settled = new ArrayList<>(raws.size());
            String refusal = "";
            for (Object result : redis.list(Script.SETTLE, names, args)) {
                if (result instanceof Long count) {
                    settled.add(count == 1 ? Settled.YES : Settled.STALE);
                } else {
                    refusal = Bytes.text((byte[]) result);
                    settled.add(Settled.REFUSED);
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
