package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskSearch.Place;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Moves entries of one queue to another in the same Redis. */
final class TaskMove {

    static final Set<Place> PLACES = EnumSet.of(
            Place.READY_HIGH, Place.READY_NORMAL, Place.READY_LOW, Place.SCHEDULED, Place.PARKED, Place.DEAD);

    private static final byte[] YES = bytes("1");
    private static final byte[] NO = bytes("0");

    private final QueueContext from;
    private final QueueContext to;

    /**
     * @throws InvalidTaskException if tasks cannot be moved there
     */
    TaskMove(QueueContext from, String queue, String target) {
        this.from = from;
        try {
            Keys.check(target);
        } catch (IllegalArgumentException e) {
            throw new InvalidTaskException(e.getMessage(), e);
        }
        if (target.equals(queue)) {
            throw new InvalidTaskException("queue " + target + " is the one that the tasks are in");
        }
        to = from.of(target);
        if (from.redis().isCluster()
                && JedisClusterCRC16.getSlot(from.keys().normal) != JedisClusterCRC16.getSlot(to.keys().normal)) {
            throw new InvalidTaskException("queues " + queue + " and " + target
                    + " are in different slots of the Redis Cluster, where no task can be moved in one step");
        }
        Register.checkFormat(to.redis(), to.keys());
    }

    /** Sends entries of one list, and sorts out what became of them; returns to how many the script came, one at least. */
    int once(List<TaskEntry> entries, List<TaskEntry> moved, List<TaskEntry> kept) {
        List<Object> reply = send(entries);
        int answered = reply.size() - 1;
        for (int i = 0; i < answered; i++) {
            switch ((int) Bytes.number(reply.get(i))) {
                case 1 -> moved.add(entries.get(i));
                case 2 -> kept.add(entries.get(i));
                default -> {
                    // Gone meanwhile.
                }
            }
        }
        String error = Bytes.text((byte[]) reply.get(answered));
        if (!error.isEmpty()) {
            throw new BrokerRejectedException(moved.size() + " entries were moved, the rest were not: " + error, null);
        }
        return answered;
    }

    private List<Object> send(List<TaskEntry> entries) {
        Keys here = from.keys();
        Keys there = to.keys();
        byte[] place = EntryAddress.key(entries.get(0), here);
        byte[] target = target(entries.get(0));
        List<byte[]> names =
                new ArrayList<>(List.of(place, here.workers, here.cancelled, there.normal, target, there.cancelled));
        boolean toLane = target == there.normal || target == there.high || target == there.low;
        List<byte[]> args = new ArrayList<>(List.of(toLane ? YES : NO));
        for (TaskEntry entry : entries) {
            boolean own = EntryAddress.hasOwnId(entry);
            Optional<Task> task = entry.task().filter(known -> own);
            Optional<Task> unique = task.filter(UniqueKeys::has);
            Optional<String> idempotency = entry.task().flatMap(Task::idempotencyKey);
            names.add(own ? here.task(entry.id()) : place);
            names.add(own ? there.task(entry.id()) : place);
            names.add(here.recoveries(entry.id()));
            names.add(unique.map(known -> UniqueKeys.key(known, here)).orElse(place));
            names.add(unique.map(known -> UniqueKeys.key(known, there)).orElse(place));
            names.add(idempotency.map(here::idempotency).orElse(place));
            names.add(idempotency.map(there::idempotency).orElse(place));
            args.add(entry.raw());
            args.add(bytes(entry.position()));
            args.add(own ? bytes(entry.id()) : Bytes.EMPTY);
            args.add(unique.isPresent() ? YES : NO);
            args.add(idempotency.isPresent() ? YES : NO);
        }
        return from.redis().list(Script.MOVE, names, args);
    }

    private byte[] target(TaskEntry entry) {
        if (entry.place() != Place.PARKED) {
            return TaskListing.key(to.keys(), entry.place(), "");
        }
        Priority priority = entry.task().map(Task::priority).orElse(Priority.NORMAL);
        return switch (priority) {
            case HIGH -> to.keys().high;
            case NORMAL -> to.keys().normal;
            case LOW -> to.keys().low;
        };
    }
}
