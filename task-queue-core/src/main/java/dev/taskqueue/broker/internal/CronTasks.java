package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Cron;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns fires of schedules into tasks, and enqueues them. */
final class CronTasks {

    /** In place of an error: the schedule is not any more as it was read. */
    static final String STALE = "stale";

    private final QueueContext queue;

    CronTasks(QueueContext queue) {
        this.queue = queue;
    }

    /** The largest task that a schedule enqueues. */
    Task sample(Cron cron) {
        return task(
                CronDefinition.of(cron, Optional.empty()), Instant.EPOCH.plusSeconds(9_999_999_999L), Instant.EPOCH);
    }

    private Task task(CronDefinition definition, Instant planned, Instant now) {
        return definition.task(
                "cron:" + definition.cron().name() + ":" + planned.toEpochMilli(),
                now.toEpochMilli(),
                queue.codec().defaultMaxRetries());
    }

    /**
     * A fire whatever the schedule's score is, which it leaves alone. It does not wait.
     *
     * @param text the definition as it stands in Redis
     * @throws dev.taskqueue.InvalidTaskException if its task is not allowed
     */
    Fire fire(byte[] cron, byte[] text, CronDefinition definition, Instant planned, Instant now) {
        return new Fire(cron, Bytes.EMPTY, text, Bytes.EMPTY, task(definition, planned, now), false, "");
    }

    /**
     * What a plan says.
     *
     * @param cron the name as it stands in Redis, which may be no text
     * @param score the score as it stands in Redis
     * @throws dev.taskqueue.InvalidTaskException if its task is not allowed
     */
    Fire fire(byte[] cron, String score, byte[] text, CronDefinition definition, CronPlan plan, Instant now) {
        return new Fire(
                cron,
                bytes(score),
                text,
                plan.next().map(next -> bytes(next.toEpochMilli())).orElse(Bytes.EMPTY),
                plan.fire().map(planned -> task(definition, planned, now)).orElse(null),
                definition.cron().overlap() == Cron.Overlap.QUEUE,
                "");
    }

    /** No fire: the schedule is set aside. */
    Fire setAside(byte[] cron, String score, byte[] text, String problem) {
        return new Fire(cron, bytes(score), text, Bytes.EMPTY, null, false, problem);
    }

    /**
     * What became of a fire.
     *
     * @param error why it was not done, or {@link #STALE}; empty if it was
     * @param holder the task that holds the key of the one that was not enqueued for it
     */
    record Fired(String error, Optional<String> holder) {}

    /** One atomic step in Redis. */
    final class Fire {

        private final Task task;
        private final boolean waits;
        private final List<byte[]> names;
        private final List<byte[]> args;

        private Fire(byte[] cron, byte[] score, byte[] text, byte[] next, Task task, boolean waits, String problem) {
            this.task = task;
            this.waits = waits;
            boolean tracked = task != null && queue.limits().tracksStatus();
            boolean unique = task != null && UniqueKeys.has(task);
            Keys keys = queue.keys();
            names = keys.withLanes(keys.crons().toArray(byte[][]::new));
            names.add(tracked ? keys.task(task.id()) : keys.normal);
            names.add(unique ? UniqueKeys.key(task, keys) : keys.normal);
            args = new ArrayList<>(List.of(cron, score, text, next));
            args.add(task == null ? Bytes.EMPTY : queue.codec().encode(task));
            args.add(task == null ? Bytes.EMPTY : Keys.laneNumber(task.priority()));
            args.add(task == null ? Bytes.EMPTY : bytes(task.id()));
            args.add(tracked ? StatusCodec.of(task, TaskState.PENDING).whole() : Bytes.EMPTY);
            args.add(bytes(problem));
            args.add(unique ? TaskCodec.head(task.id()) : Bytes.EMPTY);
            args.add(unique ? bytes(UniqueKeys.hold(task)) : Bytes.EMPTY);
            args.add(bytes(waits ? 1 : 0));
        }

        /** The id of the task, where there is one. */
        String id() {
            return task.id();
        }

        /** Whether it stays due while another task holds its key. */
        boolean waits() {
            return waits;
        }

        Fired carryOut() {
            Object reply = queue.redis().run(Script.CRON_FIRE, names, args);
            if (reply instanceof List<?> holder) {
                return new Fired("", Optional.of(Bytes.text((byte[]) holder.get(0))));
            }
            String error = reply instanceof byte[] text ? Bytes.text(text) : Bytes.number(reply) == 1 ? "" : STALE;
            return new Fired(error, Optional.empty());
        }
    }
}
