package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;

/** Takes tasks in, a few hundred in each round trip. */
final class Enqueueing {

    /** How many tasks go to Redis in one round trip: some milliseconds of its time. */
    private static final int MAX_BATCH = 500;

    private static final int MAX_BATCH_BYTES = 4 << 20;

    /** How many tasks one transaction takes in: while Redis is at one, the next is written. It was measured from 25 to 500. */
    private static final int TRANSACTION = 100;

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final boolean tracked;

    Enqueueing(QueueContext queue) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.tracked = queue.limits().tracksStatus();
    }

    void enqueue(List<Task> tasks) {
        List<byte[]> texts = tasks.stream().map(codec::encode).toList();
        int accepted = 0;
        while (accepted < tasks.size()) {
            int end = accepted;
            for (long size = 0; end < tasks.size() && end - accepted < MAX_BATCH && size < MAX_BATCH_BYTES; end++) {
                size += texts.get(end).length;
            }
            accepted += enqueue(tasks.subList(accepted, end), texts.subList(accepted, end), accepted);
        }
    }

    private int enqueue(List<Task> tasks, List<byte[]> texts, int before) {
        try {
            return new Batch(tasks, texts).send(before);
        } catch (Redis.BrokenRequestException e) {
            List<String> ids = tasks.stream().map(Task::id).toList();
            throw new OutcomeUnknownException(
                    e.getMessage() + "; " + before + " tasks were accepted, and these may have been: " + ids,
                    before,
                    ids,
                    e);
        } catch (OutcomeUnknownException e) {
            throw e;
        } catch (BrokerUnavailableException e) {
            if (before == 0) {
                throw e;
            }
            throw new OutcomeUnknownException(
                    e.getMessage() + "; the first " + before + " tasks were accepted, the rest were not",
                    before,
                    List.of(),
                    e);
        }
    }

    /** One round trip. */
    private final class Batch {

        private final List<Task> tasks;
        private final List<byte[]> texts;

        Batch(List<Task> tasks, List<byte[]> texts) {
            this.tasks = tasks;
            this.texts = texts;
        }

        /**
         * @param before how many tasks of the same call were accepted before these
         * @return how many were accepted: all of them
         */
        int send(int before) {
            if (tasks.stream().anyMatch(task -> task.priority() != Priority.NORMAL)) {
                runScript(before);
            } else if (!tracked) {
                redis.call("enqueue", client -> client.lpush(keys.normal, texts.toArray(byte[][]::new)));
            } else if (redis.isCluster()
                    || tasks.stream().anyMatch(task -> task.idempotencyKey().isPresent())) {
                // A cluster's pipeline has no transactions; and the status of a task that has succeeded has to stay.
                runScript(before);
            } else {
                redis.call("enqueue", client -> {
                    try (AbstractPipeline pipeline = client.pipelined()) {
                        pushAll(pipeline, before);
                    }
                    return null;
                });
            }
            return tasks.size();
        }

        /** Transactions, with nothing for a script to decide, cost Redis half of what the script does. */
        private void pushAll(AbstractPipeline pipeline, int before) {
            List<Transaction> transactions = new ArrayList<>();
            for (int from = 0; from < tasks.size(); from += TRANSACTION) {
                transactions.add(push(pipeline, from, Math.min(from + TRANSACTION, tasks.size())));
            }
            pipeline.sync();
            int accepted = 0;
            JedisDataException refusal = null;
            List<String> inDoubt = new ArrayList<>();
            for (Transaction transaction : transactions) {
                try {
                    transaction.verify();
                    if (refusal == null) {
                        accepted += transaction.size();
                    } else {
                        // After one that was refused: accepted, but not among the first.
                        inDoubt.addAll(transaction.ids());
                    }
                } catch (JedisDataException e) {
                    refusal = refusal == null ? e : refusal;
                }
            }
            if (refusal != null) {
                if (before + accepted + inDoubt.size() == 0) {
                    throw refusal;
                }
                throw partly(before + accepted, inDoubt, refusal.getMessage());
            }
        }

        private Transaction push(AbstractPipeline pipeline, int from, int to) {
            byte[][] push = new byte[1 + to - from][];
            byte[][] statuses = new byte[2 * (to - from)][];
            push[0] = keys.normal;
            for (int i = from; i < to; i++) {
                Task task = tasks.get(i);
                push[1 + i - from] = texts.get(i);
                statuses[2 * (i - from)] = keys.task(task.id());
                statuses[2 * (i - from) + 1] =
                        StatusCodec.of(task, TaskState.PENDING).whole();
            }
            pipeline.sendCommand(Command.MULTI, new byte[0][]);
            Response<Object> pushed = pipeline.sendCommand(Command.LPUSH, push);
            Response<Object> written = pipeline.sendCommand(Command.MSET, statuses);
            return new Transaction(
                    tasks.subList(from, to), pushed, written, pipeline.sendCommand(Command.EXEC, new byte[0][]));
        }

        /** The replies to one transaction. */
        private record Transaction(
                List<Task> tasks, Response<Object> pushed, Response<Object> written, Response<Object> executed) {

            int size() {
                return tasks.size();
            }

            List<String> ids() {
                return tasks.stream().map(Task::id).toList();
            }

            /**
             * @throws JedisDataException if the tasks were not accepted
             */
            void verify() {
                // Refused as they were queued: then nothing was executed, and these say why.
                pushed.get();
                written.get();
                Object first = Bytes.mixedList(executed.get()).get(0);
                if (first instanceof JedisDataException refusal) {
                    throw refusal;
                }
            }
        }

        private void runScript(int before) {
            List<byte[]> names = keys.withLanes();
            List<byte[]> locks = new ArrayList<>();
            List<byte[]> args = new ArrayList<>(1 + 4 * tasks.size());
            args.add(bytes(tracked ? tasks.size() : 0));
            for (int i = 0; i < tasks.size(); i++) {
                Task task = tasks.get(i);
                if (tracked) {
                    names.add(keys.task(task.id()));
                }
                task.idempotencyKey().map(keys::idempotency).ifPresent(locks::add);
                args.add(Keys.laneNumber(task.priority()));
                args.add(texts.get(i));
                args.add(IdempotencyLocks.done(task));
                args.add(tracked ? StatusCodec.of(task, TaskState.PENDING).whole() : Bytes.EMPTY);
            }
            names.addAll(locks);
            List<Object> reply = redis.list(Script.ENQUEUE, names, args, this::verify);
            int accepted = (int) Bytes.number(reply.get(0));
            if (accepted < tasks.size()) {
                throw partly(before + accepted, List.of(), Bytes.text((byte[]) reply.get(1)));
            }
        }

        /**
         * @throws JedisDataException if no task was accepted
         */
        private void verify(List<Object> reply) {
            if (Bytes.number(reply.get(0)) == 0) {
                throw new JedisDataException(Bytes.text((byte[]) reply.get(1)).strip());
            }
        }

        private static OutcomeUnknownException partly(int accepted, List<String> inDoubt, String error) {
            String message = "enqueue failed: Redis refused it: " + error + "; the first " + accepted
                    + " tasks were accepted, " + (inDoubt.isEmpty() ? "the rest were not" : "and so were " + inDoubt);
            return new OutcomeUnknownException(message, accepted, inDoubt, null);
        }
    }
}
