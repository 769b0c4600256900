package dev.taskqueue.broker.internal;

import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of a call that one round trip carried: what to tell of each of its tasks where that did not end well.
 *
 * @param call all tasks of the call
 * @param before how many of them were dealt with before this part
 * @param standing what stands in place of those that were not accepted, by their place in the call
 */
record SentPart(List<Task> call, int before, Map<Integer, SentPart.Standing> standing) {

    /**
     * What stands in place of a task that was not accepted.
     *
     * @param id the id of the other task
     * @param replaced whether its content is now that of the one that was not accepted
     */
    record Standing(String id, boolean replaced) {}

    /**
     * What became of the tasks of one round trip, of which Redis accepted some at least.
     *
     * @param accepted how many, from the first
     * @param scattered the ids of those that were accepted after one that was not
     * @param refusal why not all were accepted
     * @param unreplicated why those that were may be lost all the same
     */
    record Reply(int accepted, List<String> scattered, Optional<String> refusal, Optional<String> unreplicated) {}

    /** The connection broke: nobody knows whether the part, which ends there, was accepted. */
    OutcomeUnknownException inDoubt(int end, Redis.BrokenRequestException cause) {
        List<String> ids = ids(call.subList(before, end));
        return new OutcomeUnknownException(
                cause.getMessage() + "; " + before + " tasks were accepted, and these may have been: " + ids,
                before,
                accepted(before),
                ids,
                cause);
    }

    /** The part was certainly not accepted, and there were others before it. */
    OutcomeUnknownException notSent(TaskQueueException cause) {
        return new OutcomeUnknownException(
                cause.getMessage() + "; the first " + before + " tasks were accepted, the rest were not",
                before,
                accepted(before),
                List.of(),
                cause);
    }

    /** Redis refused some of the part. */
    OutcomeUnknownException refused(Reply reply) {
        int end = before + reply.accepted();
        List<String> ids = accepted(end);
        ids.addAll(reply.scattered());
        String message = "enqueue failed: Redis refused it: " + reply.refusal().orElseThrow() + "; the first " + end
                + " tasks were accepted, "
                + (reply.scattered().isEmpty() ? "the rest were not" : "and so were " + reply.scattered());
        return new OutcomeUnknownException(message, end, ids, List.of(), null);
    }

    /** Too few replicas have what was accepted. */
    OutcomeUnknownException unreplicated(Reply reply) {
        int first = accepted(before).size();
        List<String> ids = accepted(before + reply.accepted());
        ids.subList(0, first).clear();
        ids.addAll(reply.scattered());
        String message = "enqueue not replicated: the primary accepted " + ids + ", but "
                + reply.unreplicated().orElseThrow() + "; a failover now may lose it"
                + (before == 0 ? "" : "; " + before + " tasks before were accepted and replicated")
                + reply.refusal()
                        .map(error -> "; Redis refused the rest: " + error)
                        .orElse("");
        return new OutcomeUnknownException(message, before, accepted(before), ids, null);
    }

    /** The ids of those before a place that were accepted: not of those that gave way to others. */
    private List<String> accepted(int end) {
        List<String> ids = new ArrayList<>(end);
        for (int i = 0; i < end; i++) {
            if (!standing.containsKey(i)) {
                ids.add(call.get(i).id());
            }
        }
        return ids;
    }

    static List<String> ids(List<Task> tasks) {
        return tasks.stream().map(Task::id).toList();
    }
}
