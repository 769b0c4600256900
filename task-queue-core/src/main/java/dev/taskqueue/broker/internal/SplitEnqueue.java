package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Enqueued;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * One call of enqueue whose tasks go to several queues: for each queue what a call for it alone would do, one after the other.
 * A failure that is of one queue alone does not keep the tasks of the others back.
 */
final class SplitEnqueue {

    private final List<Task> tasks;
    private final List<BrokerEngine> targets;
    private final Map<BrokerEngine, Share> shares = new LinkedHashMap<>();
    private final List<TaskQueueException> failures = new ArrayList<>();

    /**
     * @param tasks at least one
     * @param targets the queue of each
     */
    SplitEnqueue(List<Task> tasks, List<BrokerEngine> targets) {
        this.tasks = tasks;
        this.targets = targets;
        for (int i = 0; i < tasks.size(); i++) {
            shares.computeIfAbsent(targets.get(i), Share::new).tasks.add(tasks.get(i));
        }
    }

    /**
     * @return what became of each task
     * @throws TaskQueueException as for one queue
     */
    List<Enqueued> send() {
        // All are checked before any is sent.
        shares.values().forEach(Share::encode);
        for (Share share : shares.values()) {
            if (!share.send()) {
                break;
            }
        }
        if (!failures.isEmpty()) {
            throw failure();
        }
        List<Enqueued> done = new ArrayList<>(tasks.size());
        for (int i = 0; i < tasks.size(); i++) {
            done.add(shares.get(targets.get(i)).next());
        }
        return done;
    }

    /** Whether other queues may fare better: Redis has answered, or in a cluster another node may. */
    static boolean isOfOneQueue(TaskQueueException failure, boolean cluster) {
        if (cluster
                || failure instanceof OutcomeUnknownException part
                        && part.taskIds().isEmpty()) {
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof JedisDataException) {
                return true;
            }
        }
        return false;
    }

    private TaskQueueException failure() {
        List<String> accepted = new ArrayList<>();
        List<String> inDoubt = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < tasks.size(); i++) {
            Share share = shares.get(targets.get(i));
            String id = tasks.get(i).id();
            if (share.accepted.isNext(id)) {
                first += accepted.size() == i ? 1 : 0;
                accepted.add(id);
            } else if (share.inDoubt.isNext(id)) {
                inDoubt.add(id);
            }
        }
        TaskQueueException cause = failures.get(0);
        failures.stream().skip(1).forEach(cause::addSuppressed);
        return accepted.isEmpty() && inDoubt.isEmpty()
                ? cause
                : new OutcomeUnknownException(message(accepted, inDoubt), first, accepted, inDoubt, cause);
    }

    private String message(List<String> accepted, List<String> inDoubt) {
        StringBuilder message = new StringBuilder("enqueue to several queues failed in part: " + accepted.size()
                + " of " + tasks.size() + " tasks were accepted");
        if (!inDoubt.isEmpty()) {
            message.append(", and these may have been: ").append(inDoubt);
        }
        shares.forEach((queue, share) -> {
            if (share.failure != null) {
                message.append("; queue ").append(queue.queue()).append(": ").append(share.failure.getMessage());
            }
        });
        return message.toString();
    }

    /** The tasks of one queue. */
    private final class Share {

        private final BrokerEngine queue;
        private final List<Task> tasks = new ArrayList<>();
        private List<byte[]> texts = List.of();
        private Map<Integer, SentPart.Standing> standing = Map.of();
        private int told;
        private Ids accepted = new Ids(List.of());
        private Ids inDoubt = new Ids(List.of());
        private TaskQueueException failure;

        Share(BrokerEngine queue) {
            this.queue = queue;
        }

        void encode() {
            texts = queue.enqueueing().encode(tasks);
        }

        /** Returns whether to go on with the next queue. */
        boolean send() {
            try {
                standing = queue.enqueueing().send(tasks, texts);
                accepted = new Ids(tasks.stream().map(Task::id).toList());
                return true;
            } catch (OutcomeUnknownException e) {
                accepted = new Ids(e.acceptedIds());
                inDoubt = new Ids(e.taskIds());
                return failed(e);
            } catch (BrokerUnavailableException | BrokerRejectedException e) {
                return failed(e);
            }
        }

        /** What became of the next of its tasks, once all were sent. */
        Enqueued next() {
            Enqueued next = queue.result(tasks.get(told), standing.get(told));
            told++;
            return next;
        }

        private boolean failed(TaskQueueException e) {
            failure = e;
            failures.add(e);
            return isOfOneQueue(e, queue.context().redis().isCluster());
        }
    }

    /** Ids in the order of the call: each is asked for in turn, so that an id that comes twice counts twice. */
    static final class Ids {

        private final Iterator<String> rest;
        private String next;

        Ids(List<String> all) {
            rest = all.iterator();
            advance();
        }

        boolean isNext(String id) {
            if (!id.equals(next)) {
                return false;
            }
            advance();
            return true;
        }

        private void advance() {
            next = rest.hasNext() ? rest.next() : null;
        }
    }
}
