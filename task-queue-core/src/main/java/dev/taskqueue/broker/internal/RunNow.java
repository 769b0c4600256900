package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import java.util.ArrayList;
import java.util.List;

/** Makes scheduled tasks ready before their time. */
final class RunNow {

    /** What one script sends to lanes stays well below what it may take. */
    static final int AT_ONCE = 50;

    private final QueueContext queue;

    RunNow(QueueContext queue) {
        this.queue = queue;
    }

    /** Whether it can be made ready: what is no task is left for the promoter, which buries it. */
    static boolean fits(TaskEntry entry) {
        return entry.place() == Place.SCHEDULED && entry.task().isPresent();
    }

    /**
     * @param entries of which each {@linkplain #fits fits}; {@value #AT_ONCE} at most
     * @return those that are ready now
     */
    List<TaskEntry> run(List<TaskEntry> entries) {
        Keys keys = queue.keys();
        List<byte[]> names = new ArrayList<>(List.of(keys.scheduled, keys.normal, keys.high, keys.low));
        List<byte[]> args = new ArrayList<>();
        for (TaskEntry entry : entries) {
            Task task = entry.task().orElseThrow();
            boolean own = EntryAddress.hasOwnId(entry);
            // Claimed with a time that has not come, it would only be scheduled again.
            Task timeless = task.withOptions(task.options().withoutRunAt());
            names.add(own ? keys.task(entry.id()) : keys.scheduled);
            args.add(entry.raw());
            args.add(task.runAt().isPresent() ? queue.codec().encode(timeless) : entry.raw());
            args.add(Keys.laneNumber(task.priority()));
            args.add(
                    own && queue.limits().tracksStatus()
                            ? StatusCodec.of(timeless, TaskState.PENDING).whole()
                            : Bytes.EMPTY);
        }
        return ready(entries, queue.redis().list(Script.RUN_NOW, names, args));
    }

    private static List<TaskEntry> ready(List<TaskEntry> entries, List<Object> reply) {
        List<TaskEntry> ready = new ArrayList<>();
        for (int i = 0; i < reply.size(); i++) {
            if (reply.get(i) instanceof byte[] refusal) {
                throw new BrokerRejectedException(
                        "task " + entries.get(i).id() + " stays scheduled, as its lane cannot take it: "
                                + Bytes.text(refusal),
                        null);
            }
            if (Bytes.number(reply.get(i)) == 1) {
                ready.add(entries.get(i));
            }
        }
        return ready;
    }
}
