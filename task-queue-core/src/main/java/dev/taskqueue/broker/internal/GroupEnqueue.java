package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sends tasks of several callers to one queue in one round trip, and tells each what became of its own. Where Redis refuses a
 * group for what may be wrong with one task of it, the group is sent again in halves, so that this one fails alone.
 */
final class GroupEnqueue {

    private final BrokerEngine queue;
    private final Completions completions;

    /**
     * @param queue where the tasks go
     * @param completions tells the stages
     */
    GroupEnqueue(BrokerEngine queue, Completions completions) {
        this.queue = queue;
        this.completions = completions;
    }

    /**
     * Returns once each stage is told, or about to be; never throws for what Redis or the client library does.
     *
     * @param group at least one, and no more than go into one round trip; in their order
     */
    void send(List<AsyncTask> group) {
        List<Task> tasks = new ArrayList<>(group.size());
        List<byte[]> texts = new ArrayList<>(group.size());
        for (AsyncTask one : group) {
            tasks.add(one.task());
            texts.add(one.text());
        }
        Map<Integer, SentPart.Standing> standing = new HashMap<>();
        try {
            queue.enqueueing().send(tasks, texts, standing);
        } catch (OutcomeUnknownException e) {
            afterPart(group, standing, e);
            return;
        } catch (BrokerUnavailableException | BrokerRejectedException e) {
            afterRefusal(group, e);
            return;
        } catch (BrokerClosedException e) {
            refuse(group, e);
            return;
        } catch (RuntimeException | Error e) {
            group.forEach(one -> completions.fail(one.stage(), doubt(one, e)));
            return;
        }
        for (int i = 0; i < group.size(); i++) {
            succeed(group.get(i), standing.get(i));
        }
    }

    /** None was accepted. */
    private void afterRefusal(List<AsyncTask> group, TaskQueueException e) {
        if (group.size() == 1 || !ErrorCode.isOfOneCommand(e)) {
            refuse(group, e);
            return;
        }
        int half = group.size() / 2;
        send(group.subList(0, half));
        send(group.subList(half, group.size()));
    }

    /**
     * Some were accepted, or may have been. What Redis refused behind the last of them is sent again; what it refused before is
     * not, as it would come behind those that it was before.
     */
    private void afterPart(List<AsyncTask> group, Map<Integer, SentPart.Standing> standing, OutcomeUnknownException e) {
        SplitEnqueue.Ids accepted = new SplitEnqueue.Ids(e.acceptedIds());
        SplitEnqueue.Ids inDoubt = new SplitEnqueue.Ids(e.taskIds());
        Set<String> ambiguous = ambiguous(group.subList(e.accepted(), group.size()), e);
        List<AsyncTask> refused = new ArrayList<>();
        for (int i = 0; i < group.size(); i++) {
            AsyncTask one = group.get(i);
            String id = one.task().id();
            boolean certain = standing.containsKey(i) || accepted.isNext(id);
            if (!certain && !inDoubt.isNext(id) && !ambiguous.contains(id)) {
                refused.add(one);
                continue;
            }
            refuse(refused, e);
            refused.clear();
            if (certain && (i < e.accepted() || !ambiguous.contains(id))) {
                succeed(one, standing.get(i));
            } else {
                completions.fail(one.stage(), doubt(one, e));
            }
        }
        if (e.getCause() == null && !refused.isEmpty()) {
            send(refused);
        } else {
            refuse(refused, e);
        }
    }

    /** The ids of which two tasks were sent, and perhaps one was accepted: its id does not tell which. */
    private static Set<String> ambiguous(List<AsyncTask> group, OutcomeUnknownException e) {
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        for (AsyncTask one : group) {
            if (!seen.add(one.task().id())) {
                twice.add(one.task().id());
            }
        }
        twice.removeIf(id -> !e.acceptedIds().contains(id) && !e.taskIds().contains(id));
        return twice;
    }

    private void succeed(AsyncTask one, SentPart.@Nullable Standing standing) {
        completions.add(one.stage(), queue.result(one.task(), standing));
    }

    /** Tells each that it was not accepted. */
    private void refuse(List<AsyncTask> group, RuntimeException e) {
        group.forEach(one -> completions.fail(one.stage(), refusal(one, e)));
    }

    private static TaskQueueException refusal(AsyncTask one, RuntimeException e) {
        String message = reason(e) + "; task " + one.task().id() + " was not enqueued";
        return e instanceof BrokerRejectedException
                ? new BrokerRejectedException(message, e)
                : new BrokerUnavailableException(message, e);
    }

    /**
     * @param one a task of a group
     * @param e why the group failed
     * @return what its stage is told where it may have been accepted
     */
    static OutcomeUnknownException doubt(AsyncTask one, Throwable e) {
        String id = one.task().id();
        return new OutcomeUnknownException(
                reason(e) + "; task " + id + " may have been enqueued", 0, List.of(), List.of(id), e);
    }

    /** Without the ids of the other tasks: there may be hundreds. */
    private static String reason(Throwable e) {
        if (!(e instanceof TaskQueueException)) {
            return "enqueue failed: " + e;
        }
        Throwable said = e instanceof OutcomeUnknownException && e.getCause() != null ? e.getCause() : e;
        return String.valueOf(said.getMessage())
                .replaceFirst("; the first \\d+ tasks were accepted.*", "")
                .replaceFirst(" the primary accepted \\[.*?], but", "");
    }
}
