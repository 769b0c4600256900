package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes that tasks are running. */
final class RunningMarks {

    private final Redis redis;
    private final Keys keys;
    private final boolean tracking;
    private final byte[] processing;
    private final byte[] statusPrefix;

    RunningMarks(QueueContext queue, String worker) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.tracking = queue.limits().tracksStatus();
        this.processing = keys.processing(worker);
        this.statusPrefix = StatusCodec.prefix(worker);
    }

    void write(Map<Claim, Duration> running) {
        if (!tracking || running.isEmpty()) {
            return;
        }
        List<byte[]> names = new ArrayList<>();
        List<byte[]> args = new ArrayList<>();
        names.add(processing);
        args.add(statusPrefix);
        running.forEach((claim, runTime) -> {
            Task task = claim.task();
            byte[] suffix = StatusCodec.of(task, TaskState.RUNNING)
                    .attempts(task.attempt())
                    .suffixOrNone();
            if (suffix.length > 0) {
                names.add(task.idempotencyKey().map(keys::idempotency).orElse(processing));
                names.add(keys.task(task.id()));
                args.add(claim.raw());
                args.add(IdempotencyLocks.done(task));
                args.add(suffix);
                args.add(bytes(runTime.toMillis()));
            }
        });
        redis.run(Script.RUNNING, names, args);
    }
}
