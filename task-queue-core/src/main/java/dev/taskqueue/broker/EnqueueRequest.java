package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import java.util.ArrayList;
import java.util.List;

/** One round trip that takes tasks in. */
final class EnqueueRequest {

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
        if (!tracked && tasks.stream().allMatch(task -> task.priority() == Priority.NORMAL)) {
            redis.call("enqueue", client -> client.lpush(keys.normal, texts.toArray(byte[][]::new)));
            return tasks.size();
        }
        List<byte[]> names = Lanes.keysAfter(keys);
        List<byte[]> args = new ArrayList<>(1 + 4 * tasks.size());
        args.add(bytes(tracked ? 1 : 0));
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            if (tracked) {
                names.add(keys.task(task.id()));
            }
            args.add(Lanes.argument(task.priority()));
            args.add(texts.get(i));
            args.add(bytes(task.type()));
            args.add(bytes(task.createdAt()));
        }
        List<Object> reply = Bytes.mixedList(redis.run(Script.ENQUEUE, names, args));
        int accepted = (int) Bytes.number(reply.get(0));
        if (accepted < tasks.size()) {
            refuse(before + accepted, Bytes.text((byte[]) reply.get(1)));
        }
        return accepted;
    }

    private static void refuse(int accepted, String error) {
        String message = "enqueue failed: Redis refused it: " + error;
        if (accepted == 0) {
            throw new BrokerUnavailableException(message, null);
        }
        throw new OutcomeUnknownException(
                message + "; the first " + accepted + " tasks were accepted, the rest were not",
                accepted,
                List.of(),
                null);
    }
}
