package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskOptions;
import dev.taskqueue.TaskState;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** Takes tasks in, a few hundred in each round trip. */
final class Enqueueing {

    /** How many tasks go to Redis in one round trip: some milliseconds of its time. */
    private static final int MAX_BATCH = 500;

    private static final int MAX_BATCH_BYTES = 4 << 20;

    /** How many tasks one transaction takes in: while Redis is at one, the next is written. It was measured from 25 to 500. */
    private static final int TRANSACTION = 100;

    /** MULTI, LPUSH, MSET, EXEC. */
    private static final int COMMANDS = 4;

    private static final CommandArguments MULTI = new CommandArguments(Command.MULTI);
    private static final CommandArguments EXEC = new CommandArguments(Command.EXEC);

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final boolean tracked;
    private final ReplicaWait replicas;

    Enqueueing(QueueContext queue, ReplicaWait replicas) {
        this.replicas = replicas;
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.tracked = queue.limits().tracksStatus();
    }

    /**
     * Takes in one task. Most calls are of one with nothing for Redis to decide: on a path of their own, with nothing that only
     * several tasks need, as a fresh JVM compiles what it calls often, and that takes a core from it for seconds.
     *
     * @return what stands instead; null if the task was accepted
     */
    SentPart.@Nullable Standing enqueue(Task task) {
        if (needsScript(task)) {
            return enqueue(List.of(task)).get(0);
        }
        List<Task> tasks = List.of(task);
        List<byte[]> texts = List.of(codec.encode(task));
        String missing;
        try {
            missing = redis.write(
                    "enqueue", tracked ? transaction(tasks, texts) : List.of(push(texts)), replicas, this::missing);
        } catch (Redis.BrokenRequestException e) {
            throw new SentPart(tasks, 0, Map.of()).inDoubt(1, e);
        }
        if (missing != null) {
            throw new SentPart(tasks, 0, Map.of())
                    .unreplicated(new SentPart.Reply(1, List.of(), Optional.empty(), Optional.of(missing)));
        }
        return null;
    }

    private CommandArguments push(List<byte[]> texts) {
        CommandArguments push = new CommandArguments(Command.LPUSH).key(keys.normal);
        for (byte[] text : texts) {
            push.add(text);
        }
        return push;
    }

    private CommandArguments statuses(List<Task> tasks) {
        CommandArguments write = new CommandArguments(Command.MSET);
        for (Task task : tasks) {
            write.key(keys.task(task.id()))
                    .add(StatusCodec.of(task, TaskState.PENDING).whole());
        }
        return write;
    }

    /** Takes tasks in with their statuses. */
    private List<CommandArguments> transaction(List<Task> tasks, List<byte[]> texts) {
        return List.of(MULTI, push(texts), statuses(tasks), EXEC);
    }

    /** Many of them. Each command is made when it is to be sent, so that Redis is at the first meanwhile. */
    private List<CommandArguments> transactions(List<Task> tasks, List<byte[]> texts) {
        int transactions = (tasks.size() + TRANSACTION - 1) / TRANSACTION;
        return new AbstractList<>() {
            @Override
            public CommandArguments get(int index) {
                int from = index / COMMANDS * TRANSACTION;
                int to = Math.min(from + TRANSACTION, tasks.size());
                return switch (index % COMMANDS) {
                    case 0 -> MULTI;
                    case 1 -> push(texts.subList(from, to));
                    case 2 -> statuses(tasks.subList(from, to));
                    default -> EXEC;
                };
            }

            @Override
            public int size() {
                return transactions * COMMANDS;
            }
        };
    }

    /** Which replicas miss what was written; null if none does that was to be waited for. */
    private @Nullable String missing(List<Object> replies) {
        if (tracked) {
            verify(replies.subList(0, COMMANDS));
        } else {
            refuse(replies.get(0));
        }
        return unreplicated(replies).orElse(null);
    }

    /**
     * @return of the tasks that were not accepted, as others hold their unique keys, what stands instead; by their place
     */
    Map<Integer, SentPart.Standing> enqueue(List<Task> tasks) {
        return send(tasks, encode(tasks));
    }

    /**
     * @return the tasks as they travel
     * @throws dev.taskqueue.InvalidTaskException if one is too large
     */
    List<byte[]> encode(List<Task> tasks) {
        List<byte[]> texts = new ArrayList<>(tasks.size());
        for (Task task : tasks) {
            texts.add(codec.encode(task));
        }
        return texts;
    }

    /**
     * @param texts the tasks as they travel
     * @return as {@link #enqueue}
     */
    Map<Integer, SentPart.Standing> send(List<Task> tasks, List<byte[]> texts) {
        Map<Integer, SentPart.Standing> standing = new HashMap<>();
        send(tasks, texts, standing);
        return standing;
    }

    /**
     * Like {@link #send(List, List)}, for whoever has to know what stands where it fails, too.
     *
     * @param standing where to tell of the tasks that were not accepted, as others hold their unique keys, by their place
     */
    void send(List<Task> tasks, List<byte[]> texts, Map<Integer, SentPart.Standing> standing) {
        int accepted = 0;
        while (accepted < tasks.size()) {
            int end = accepted;
            for (long size = 0; end < tasks.size() && end - accepted < MAX_BATCH && size < MAX_BATCH_BYTES; end++) {
                size += texts.get(end).length;
            }
            send(tasks, texts, accepted, end, standing);
            accepted = end;
        }
    }

    private void send(
            List<Task> call, List<byte[]> texts, int before, int end, Map<Integer, SentPart.Standing> standing) {
        try {
            new Batch(call, texts, before, end, standing).send();
        } catch (Redis.BrokenRequestException e) {
            throw new SentPart(call, before, standing).inDoubt(end, e);
        } catch (BrokerUnavailableException | BrokerRejectedException e) {
            if (before == 0) {
                throw e;
            }
            throw new SentPart(call, before, standing).notSent(e);
        }
    }

    /** One round trip. */
    private final class Batch {

        private final List<Task> call;
        private final int before;
        private final List<Task> tasks;
        private final List<byte[]> texts;
        private final Map<Integer, SentPart.Standing> standing;

        /**
         * @param call all tasks of the call
         * @param texts their texts
         * @param before how many of them were accepted before these
         * @param end where these end
         * @param standing where to tell of those that are not accepted
         */
        Batch(List<Task> call, List<byte[]> texts, int before, int end, Map<Integer, SentPart.Standing> standing) {
            this.call = call;
            this.before = before;
            this.tasks = call.subList(before, end);
            this.texts = texts.subList(before, end);
            this.standing = standing;
        }

        /** Returns once all of them are accepted. */
        void send() {
            SentPart.Reply reply;
            if (needsScript()) {
                reply = runScript();
            } else if (tracked) {
                reply = pushWithStatuses();
            } else {
                reply = push();
            }
            if (reply.unreplicated().isPresent()) {
                throw new SentPart(call, before, standing).unreplicated(reply);
            }
            if (reply.refusal().isPresent()) {
                throw new SentPart(call, before, standing).refused(reply);
            }
        }

        /** A loop, as this is on the path of each enqueue: a fresh JVM takes long to compile a stream. */
        private boolean needsScript() {
            for (Task task : tasks) {
                if (Enqueueing.this.needsScript(task)) {
                    return true;
                }
            }
            return false;
        }

        private SentPart.Reply push() {
            return redis.write("enqueue", List.of(Enqueueing.this.push(texts)), replicas, replies -> {
                refuse(replies.get(0));
                return new SentPart.Reply(tasks.size(), List.of(), Optional.empty(), unreplicated(replies));
            });
        }

        /** Transactions, with nothing for a script to decide, cost Redis half of what the script does. */
        private SentPart.Reply pushWithStatuses() {
            return redis.write("enqueue", transactions(tasks, texts), replicas, replies -> {
                int accepted = 0;
                JedisDataException refusal = null;
                List<String> scattered = new ArrayList<>();
                for (int from = 0; from < tasks.size(); from += TRANSACTION) {
                    List<Task> part = tasks.subList(from, Math.min(from + TRANSACTION, tasks.size()));
                    int first = from / TRANSACTION * COMMANDS;
                    try {
                        verify(replies.subList(first, first + COMMANDS));
                        if (refusal == null) {
                            accepted += part.size();
                        } else {
                            scattered.addAll(SentPart.ids(part));
                        }
                    } catch (JedisDataException e) {
                        refusal = refusal == null ? e : refusal;
                    }
                }
                if (refusal != null && accepted + scattered.size() == 0) {
                    throw refusal;
                }
                return new SentPart.Reply(
                        accepted,
                        scattered,
                        Optional.ofNullable(refusal).map(JedisDataException::getMessage),
                        unreplicated(replies));
            });
        }

        private SentPart.Reply runScript() {
            List<byte[]> names = keys.withLanes();
            names.addAll(List.of(keys.scheduled, keys.workers, keys.paused));
            List<byte[]> own = new ArrayList<>();
            List<byte[]> args = new ArrayList<>(1 + 7 * tasks.size());
            args.add(bytes(tracked ? tasks.size() : 0));
            for (int i = 0; i < tasks.size(); i++) {
                Task task = tasks.get(i);
                if (tracked) {
                    names.add(keys.task(task.id()));
                }
                task.idempotencyKey().map(keys::idempotency).ifPresent(own::add);
                args.add(Keys.laneNumber(task.priority()));
                args.add(texts.get(i));
                args.add(IdempotencyLocks.done(task));
                args.add(status(task, TaskState.PENDING));
                Instant runAt = task.options().runAt();
                args.add(runAt == null ? Bytes.EMPTY : bytes(runAt.toEpochMilli()));
                args.add(runAt == null ? Bytes.EMPTY : status(task, TaskState.SCHEDULED));
                if (UniqueKeys.has(task)) {
                    own.add(UniqueKeys.key(task, keys));
                    args.add(UniqueCodec.bytes(task.options().unique().orElse()));
                    args.add(bytes(task.id()));
                    args.add(TaskCodec.head(task.id()));
                    args.add(bytes(UniqueKeys.hold(task)));
                    args.add(UniqueKeys.begun(task, codec));
                } else {
                    args.add(Bytes.EMPTY);
                }
            }
            names.addAll(own);
            return redis.write(Script.ENQUEUE, names, args, replicas, replies -> {
                refuse(replies.get(0));
                List<Object> reply = Bytes.mixedList(replies.get(0));
                int accepted = (int) Bytes.number(reply.get(0));
                Optional<String> refusal = accepted == tasks.size()
                        ? Optional.empty()
                        : Optional.of(Bytes.text((byte[]) reply.get(1)).strip());
                for (int i = 2; i < reply.size(); i += 3) {
                    standing.put(
                            before + (int) Bytes.number(reply.get(i)),
                            new SentPart.Standing(
                                    Bytes.text((byte[]) reply.get(i + 1)), Bytes.number(reply.get(i + 2)) == 1));
                }
                if (accepted == 0) {
                    throw new JedisDataException(refusal.orElseThrow());
                }
                return new SentPart.Reply(accepted, List.of(), refusal, unreplicated(replies));
            });
        }

        private byte[] status(Task task, TaskState state) {
            return tracked ? StatusCodec.of(task, state).whole() : Bytes.EMPTY;
        }
    }

    /** Whether Redis has something to decide. */
    private boolean needsScript(Task task) {
        TaskOptions options = task.options();
        return options.priority() != Priority.NORMAL
                || options.runAt() != null
                || UniqueKeys.has(task)
                // In a cluster MULTI names no slot; and the status of a task that has succeeded has to stay.
                || tracked && (options.idempotencyKey() != null || redis.isCluster());
    }

    /**
     * @param replies to one transaction
     * @throws JedisDataException if its tasks were not accepted
     */
    private static void verify(List<Object> replies) {
        // Refused as they were queued: then nothing was executed, and these say why.
        for (Object reply : replies) {
            refuse(reply);
        }
        refuse(Bytes.mixedList(replies.get(COMMANDS - 1)).get(0));
    }

    private static void refuse(Object reply) {
        if (reply instanceof JedisDataException refusal) {
            throw refusal;
        }
    }

    private Optional<String> unreplicated(List<Object> replies) {
        return replicas.isOn() ? replicas.shortfall(replies.get(replies.size() - 1)) : Optional.empty();
    }
}
