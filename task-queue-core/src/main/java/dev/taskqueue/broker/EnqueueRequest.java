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

/** One round trip that takes tasks in. */
final class EnqueueRequest {

    /** How many tasks one transaction takes in: while Redis is at one, the next is written. It was measured from 25 to 500. */
    private static final int TRANSACTION = 100;

    private final Keys keys;
    private final boolean tracked;
    private final List<Task> tasks;
    private final List<byte[]> texts;

    EnqueueRequest(Keys keys, boolean tracked, List<Task> tasks, List<byte[]> texts) {
        this.keys = keys;
        this.tracked = tracked;
        this.tasks = tasks;
        this.texts = texts;
    }

    /**
     * @param before how many tasks of the same call were accepted before these
     * @return how many were accepted: all of them
     */
    int send(Redis redis, int before) {
        if (tasks.stream().anyMatch(task -> task.priority() != Priority.NORMAL)) {
            runScript(redis, before);
        } else if (!tracked) {
            redis.call("enqueue", client -> client.lpush(keys.normal, texts.toArray(byte[][]::new)));
        } else if (redis.isCluster()
                || tasks.stream().anyMatch(task -> task.idempotencyKey().isPresent())) {
            // A cluster's pipeline has no transactions; and a status that tells the success of a key has to stay.
            runScript(redis, before);
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

    private void runScript(Redis redis, int before) {
        List<byte[]> names = keys.withLanes();
        List<byte[]> args = new ArrayList<>(1 + 4 * tasks.size());
        args.add(bytes(tracked ? 1 : 0));
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            if (tracked) {
                names.add(keys.task(task.id()));
            }
            args.add(Keys.laneNumber(task.priority()));
            args.add(texts.get(i));
            args.add(tracked ? StatusCodec.of(task, TaskState.PENDING).whole() : Bytes.EMPTY);
            args.add(bytes(task.idempotencyKey().isPresent() ? 1 : 0));
        }
        List<Object> reply = redis.list(Script.ENQUEUE, names, args);
        int accepted = (int) Bytes.number(reply.get(0));
        if (accepted < tasks.size()) {
            String error = Bytes.text((byte[]) reply.get(1));
            if (before + accepted == 0) {
                throw new BrokerUnavailableException("enqueue failed: Redis refused it: " + error, null);
            }
            throw partly(before + accepted, List.of(), error);
        }
    }

    private static OutcomeUnknownException partly(int accepted, List<String> inDoubt, String error) {
        String message = "enqueue failed: Redis refused it: " + error + "; the first " + accepted
                + " tasks were accepted, " + (inDoubt.isEmpty() ? "the rest were not" : "and so were " + inDoubt);
        return new OutcomeUnknownException(message, accepted, inDoubt, null);
    }
}
