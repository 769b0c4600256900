package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Commits outcomes: the task leaves the processing list for where it goes, together with its status and its lock. Where an
 * attempt failed whose task is cancelled, as the script finds, it is left in the list by that, and committed as cancelled next.
 */
final class Settlement {

    private static final Pattern VALUES = Pattern.compile("\"[^\"]*(\"|$)|'[^']*('|$)|[\\[{].*[\\]}…]", Pattern.DOTALL);

    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

    /** The verbs of the settle script, whose header tells what they do. */
    private static final byte[] DONE = bytes("done");

    private static final byte[] FINISH = bytes("finish");
    private static final byte[] SKIP = bytes("skip");
    private static final byte[] REPEAT = bytes("repeat");
    private static final byte[] SCHEDULE = bytes("schedule");
    private static final byte[] POSTPONE = bytes("postpone");
    private static final byte[] BURY = bytes("bury");
    private static final byte[] RELEASE = bytes("release");
    private static final byte[] PARK = bytes("park");

    /** Outcomes of large tasks are committed in several requests: what is written of them is in the heap until it is sent. */
    private static final int MAX_REQUEST_BYTES = 4 << 20;

    /** Each of them may be looked for in the whole list: bounds how long one script runs. */
    private static final int MAX_REQUEST = 500;

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final DeadLetterWriter deadLetters;
    private final boolean logPayloads;
    private final ServerClock clock;
    private final boolean tracking;
    private final byte[] processing;
    private final byte[] statusPrefix;
    private final byte[] statusTtl;
    private final byte[] idempotencyTtl;
    private volatile String lastRefusal = "";

    Settlement(QueueContext queue, DeadLetterWriter deadLetters, ServerClock clock, String worker) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.deadLetters = deadLetters;
        this.logPayloads = queue.limits().logPayloads();
        this.clock = clock;
        this.tracking = queue.limits().tracksStatus();
        this.processing = keys.processing(worker);
        this.statusPrefix = StatusCodec.prefix(worker);
        this.statusTtl = bytes(queue.limits().statusTtl().toMillis());
        this.idempotencyTtl = bytes(queue.limits().idempotencyTtl().toMillis());
    }

    List<Settled> settle(List<? extends Outcome> outcomes) {
        if (outcomes.isEmpty()) {
            return List.of();
        }
        long now = clock.now();
        List<Settled> settled = new ArrayList<>(outcomes.size());
        Request request = new Request(outcomes.size());
        for (Outcome outcome : outcomes) {
            request.add(outcome, now);
            if (request.isFull()) {
                settled.addAll(request.send());
                request = new Request(outcomes.size());
            }
        }
        settled.addAll(request.send());
        return settled;
    }

    /** Moves claimed entries that are no tasks to the dead letters, each with its error. */
    void buryMalformed(Map<byte[], String> errors) {
        errors.forEach((raw, error) -> {
            // One by one: each is written as several times its size.
            Request request = new Request(1);
            request.addMalformed(raw, deadLetters.ofMalformed(raw, error, clock.now()));
            if (request.send().get(0) == Settled.YES) {
                LoggingEventBuilder line = LOG.atWarn().addKeyValue("bytes", raw.length);
                line = logPayloads
                        ? line.addKeyValue("reason", error).addKeyValue("preview", DeadLetterWriter.preview(raw))
                        : line.addKeyValue("reason", withoutValues(error));
                line.log("moved malformed entry to dead letters");
            }
        });
    }

    /** Why an entry is no task, without what it holds in quotes, brackets or braces. */
    static String withoutValues(String error) {
        int allowed = Math.max(error.lastIndexOf("; "), 0);
        String what = allowed == 0 ? error : error.substring(0, allowed);
        return VALUES.matcher(what).replaceAll("…") + error.substring(what.length());
    }

    /** One call of the settle script, as it is put together; the script's header tells the order. */
    private final class Request {

        /** Null for what is no task. */
        private final List<Outcome> outcomes;

        private final List<byte[]> raws;
        private final List<byte[]> verbs;
        private final List<byte[]> suffixes;
        private final List<byte[]> statuses;
        /** Of the outcomes that are not just done. */
        private final List<byte[]> details = new ArrayList<>();

        private final List<byte[]> locks = new ArrayList<>();
        private long bytes;
        /** Whether the script is to look if the task of the outcome that is added is cancelled: once it has found so, never. */
        private boolean cancellable;

        Request(int size) {
            outcomes = new ArrayList<>(size);
            raws = new ArrayList<>(size);
            verbs = new ArrayList<>(size);
            suffixes = new ArrayList<>(tracking ? size : 0);
            statuses = new ArrayList<>(tracking ? size : 0);
        }

        boolean isFull() {
            return bytes >= MAX_REQUEST_BYTES || raws.size() >= MAX_REQUEST;
        }

        /** Adds an outcome; one that cannot be written must not keep the others from being committed. */
        void add(Outcome outcome, long now) {
            outcomes.add(outcome);
            boolean failed = hasFailed(outcome);
            cancellable = failed && outcome.claim().cancelReason() == null;
            try {
                write(failed && !cancellable ? cancelled(outcome) : outcome, now);
            } catch (RuntimeException e) {
                LOG.atError()
                        .addKeyValue("task_id", outcome.claim().task().id())
                        .setCause(e)
                        .log("cannot write outcome; settling the task with a plain one");
                writePlainly(outcome, "the task's next state cannot be written: " + e, now);
            }
        }

        private void write(Outcome outcome, long now) {
            Claim claim = outcome.claim();
            Task task = claim.task();
            if (outcome instanceof Outcome.Succeeded succeeded) {
                addSuccess(
                        claim,
                        suffix(status(task, TaskState.SUCCEEDED, task.attempt())
                                .runTime(succeeded.runTime())
                                .result(succeeded.result(), succeeded.resultError())));
            } else if (outcome instanceof Outcome.Retry retry) {
                StatusCodec status = status(retry.next(), TaskState.RETRYING, task.attempt())
                        .runTime(retry.runTime())
                        .delay(retry.delay());
                byte[] unique = UniqueKeys.keep(task, true, retry.delay().toMillis());
                add(
                        SCHEDULE,
                        claim,
                        suffix(status),
                        codec.write(Parking.unparked(retry.next())),
                        millis(retry.delay()),
                        unique);
            } else if (outcome instanceof Outcome.Dead dead) {
                StatusCodec status = status(dead.failed(), TaskState.DEAD, task.attempt())
                        .runTime(dead.runTime())
                        .stack(dead.stack());
                byte[] deadLetter = deadLetters.ofTask(dead.failed(), dead.reason(), dead.stack(), now);
                add(BURY, claim, suffix(status), deadLetter, Bytes.EMPTY);
            } else if (outcome instanceof Outcome.Duplicate duplicate) {
                TaskState state = duplicate.ofItself() ? TaskState.SUCCEEDED : TaskState.DUPLICATE;
                byte[] verb = duplicate.ofItself() ? REPEAT : SKIP;
                add(verb, claim, suffix(status(task, state, task.retry())), Bytes.EMPTY, Bytes.EMPTY);
            } else if (outcome instanceof Outcome.Deferred deferred) {
                claim.putBack();
                StatusCodec status = status(task, TaskState.PENDING, task.retry());
                byte[] unique =
                        UniqueKeys.keep(task, claim.hasBegun(), deferred.delay().toMillis());
                add(SCHEDULE, claim, suffix(status), claim.raw(), millis(deferred.delay()), unique);
            } else if (outcome instanceof Outcome.NotDue) {
                claim.putBack();
                StatusCodec status = status(task, TaskState.SCHEDULED, task.retry());
                long due = task.options().runAt().toEpochMilli();
                byte[] unique = UniqueKeys.keep(task, claim.hasBegun(), due - now);
                add(POSTPONE, claim, suffix(status), claim.raw(), bytes(due), unique);
            } else if (outcome instanceof Outcome.Expired) {
                add(SKIP, claim, suffix(status(task, TaskState.EXPIRED, task.retry())), Bytes.EMPTY, Bytes.EMPTY);
            } else if (outcome instanceof Outcome.Cancelled cancelled) {
                StatusCodec status = status(
                                task, TaskState.CANCELLED, cancelled.begun() ? task.attempt() : task.retry())
                        .cancelReason(claim.cancelReason());
                if (cancelled.begun()) {
                    status.runTime(cancelled.runTime());
                }
                add(SKIP, claim, suffix(status), Bytes.EMPTY, Bytes.EMPTY);
            } else if (outcome instanceof Outcome.Parked) {
                claim.putBack();
                TaskState state = task.retry() == 0 ? TaskState.PENDING : TaskState.RETRYING;
                byte[] parked = codec.write(Parking.parked(task, now));
                byte[] unique = UniqueKeys.keep(task, claim.hasBegun(), 0);
                add(
                        PARK,
                        claim,
                        suffix(status(task, state, task.retry()).parked()),
                        parked,
                        bytes(task.type()),
                        unique);
            } else if (outcome instanceof Outcome.Released) {
                claim.putBack();
                TaskState state = task.retry() == 0 ? StatusCodec.waiting(task, now) : TaskState.RETRYING;
                byte[] lane = Keys.laneNumber(task.priority());
                byte[] unique = UniqueKeys.keep(task, claim.hasBegun(), 0);
                add(RELEASE, claim, suffix(status(task, state, task.retry())), Bytes.EMPTY, lane, unique);
            }
        }

        /** A success stays one, without its result; anything else ends among the dead letters, as it was claimed. */
        private void writePlainly(Outcome outcome, String reason, long now) {
            Claim claim = outcome.claim();
            Task task = claim.task();
            boolean succeeded = outcome instanceof Outcome.Succeeded;
            byte[] suffix = tracking
                    ? status(task, succeeded ? TaskState.SUCCEEDED : TaskState.DEAD, task.attempt())
                            .suffixOrNone()
                    : Bytes.EMPTY;
            if (succeeded) {
                addSuccess(claim, suffix);
            } else {
                add(BURY, claim, suffix, deadLetters.ofMalformed(claim.raw(), reason, now), Bytes.EMPTY);
            }
        }

        void addMalformed(byte[] raw, byte[] deadLetter) {
            outcomes.add(null);
            add(BURY, raw, keys.normal, Bytes.EMPTY);
            detail(
                    keys.normal,
                    keys.normal,
                    Bytes.EMPTY,
                    Bytes.EMPTY,
                    deadLetter,
                    Bytes.EMPTY,
                    Bytes.EMPTY,
                    Bytes.EMPTY);
        }

        private void addSuccess(Claim claim, byte[] suffix) {
            if (claim.lockToken().isEmpty() && !UniqueKeys.has(claim.task())) {
                add(DONE, claim.raw(), status(claim), suffix);
            } else {
                add(FINISH, claim, suffix, Bytes.EMPTY, Bytes.EMPTY);
            }
        }

        /** Of a task that has ended. */
        private void add(byte[] verb, Claim claim, byte[] suffix, byte[] text, byte[] number) {
            add(verb, claim, suffix, text, number, UniqueKeys.release(claim.task()));
        }

        private void add(byte[] verb, Claim claim, byte[] suffix, byte[] text, byte[] number, byte[] unique) {
            Task task = claim.task();
            add(verb, claim.raw(), status(claim), suffix);
            detail(
                    task.idempotencyKey().map(keys::idempotency).orElse(keys.normal),
                    UniqueKeys.key(task, keys),
                    claim.lockToken().map(Bytes::bytes).orElse(Bytes.EMPTY),
                    IdempotencyLocks.done(task),
                    text,
                    number,
                    unique,
                    cancellable ? bytes(task.id()) : Bytes.EMPTY);
        }

        private void add(byte[] verb, byte[] raw, byte[] status, byte[] suffix) {
            raws.add(raw);
            verbs.add(verb);
            if (tracking) {
                statuses.add(status);
                suffixes.add(suffix);
            }
            bytes += raw.length + suffix.length;
        }

        private void detail(
                byte[] lock,
                byte[] uniqueKey,
                byte[] token,
                byte[] done,
                byte[] text,
                byte[] number,
                byte[] unique,
                byte[] cancellableId) {
            locks.add(lock);
            locks.add(uniqueKey);
            details.add(token);
            details.add(done);
            details.add(text);
            details.add(number);
            details.add(unique);
            details.add(cancellableId);
            bytes += text.length;
        }

        private byte[] status(Claim claim) {
            return tracking ? keys.task(claim.task().id()) : keys.normal;
        }

        private StatusCodec status(Task task, TaskState state, int attempts) {
            return StatusCodec.of(task, state).attempts(attempts);
        }

        private byte[] suffix(StatusCodec status) {
            return tracking ? status.suffix() : Bytes.EMPTY;
        }

        private byte[] millis(Duration duration) {
            return bytes(duration.toMillis());
        }

        List<Settled> send() {
            if (raws.isEmpty()) {
                return List.of();
            }
            List<byte[]> names = keys.withLanes(processing);
            names.add(keys.scheduled);
            names.add(keys.dead);
            names.add(keys.cancelled);
            names.addAll(statuses);
            names.addAll(locks);
            List<byte[]> args = new ArrayList<>(5 + 3 * raws.size() + details.size());
            args.addAll(List.of(statusPrefix, statusTtl, idempotencyTtl, bytes(tracking ? 1 : 0), bytes(raws.size())));
            args.addAll(raws);
            args.addAll(verbs);
            args.addAll(suffixes);
            args.addAll(details);
            return settled(redis.list(Script.SETTLE, names, args));
        }

        private List<Settled> settled(List<Object> results) {
            List<Settled> settled = new ArrayList<>(results.size());
            Request ofCancelled = new Request(0);
            String refusal = "";
            for (int i = 0; i < results.size(); i++) {
                Object result = results.get(i);
                if (result instanceof Long count) {
                    boolean asCancelled = hasFailed(outcomes.get(i)) && verbs.get(i) == SKIP;
                    settled.add(count == 0 ? Settled.STALE : asCancelled ? Settled.CANCELLED : Settled.YES);
                } else if (result instanceof List<?> tombstone) {
                    outcomes.get(i).claim().cancel(Tombstones.reason(Bytes.text((byte[]) tombstone.get(0))));
                    ofCancelled.add(outcomes.get(i), clock.now());
                    settled.add(null);
                } else {
                    refusal = Bytes.text((byte[]) result);
                    settled.add(Settled.REFUSED);
                }
            }
            log(refusal);
            Iterator<Settled> ends = ofCancelled.send().iterator();
            settled.replaceAll(known -> known == null ? ends.next() : known);
            return settled;
        }
    }

    /** Whether an outcome is that of an attempt that failed. */
    private static boolean hasFailed(@Nullable Outcome outcome) {
        return outcome instanceof Outcome.Retry || outcome instanceof Outcome.Dead;
    }

    /** What a failure becomes where its task is cancelled. */
    private static Outcome cancelled(Outcome failure) {
        Duration runTime =
                failure instanceof Outcome.Retry retry ? retry.runTime() : ((Outcome.Dead) failure).runTime();
        return new Outcome.Cancelled(failure.claim(), !runTime.isZero(), runTime);
    }

    /** Once when it begins, not each time that the same outcome is sent again. */
    private void log(String refusal) {
        if (!refusal.isEmpty() && !refusal.equals(lastRefusal)) {
            LOG.atError()
                    .addKeyValue("error", refusal)
                    .log("Redis refused an outcome; the task stays in the processing list, and settling is retried");
        }
        lastRefusal = refusal;
    }
}
