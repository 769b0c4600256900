package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.MoveResult;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskHistory;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Lists, purges and moves the tasks of a queue where they are. Thread-safe. */
public final class TaskStore {

    /** What waits, and can be taken out. */
    private static final Set<Place> PURGEABLE = EnumSet.of(
            Place.READY_HIGH, Place.READY_NORMAL, Place.READY_LOW, Place.SCHEDULED, Place.PARKED, Place.SUSPECTS);

    /** The scripts end early where they have to look for them far behind. */
    private static final int AT_ONCE = 50;

    private final QueueContext context;
    private final String queue;

    TaskStore(QueueContext context, String queue) {
        this.context = context;
        this.queue = queue;
    }

    /**
     * @param filter which
     * @param from where to begin, or empty for the beginning
     * @param max how many to look at
     * @return those that the filter takes
     */
    public TaskPage list(TaskFilter filter, Optional<String> from, int max) {
        return new TaskListing(context, queue).list(filter, from, max);
    }

    /**
     * @param id the id of a task
     * @return where it is; empty where it is not found
     */
    public Optional<TaskEntry> find(String id) {
        return new TaskLocator(context, id)
                .locate(new Inspection(context, queue).status(id))
                .map(new TaskListing(context, queue)::entry);
    }

    /**
     * @param entries as they were read
     * @return those that are ready now
     */
    public List<TaskEntry> runNow(List<TaskEntry> entries) {
        List<TaskEntry> scheduled = entries.stream().filter(RunNow::fits).toList();
        List<TaskEntry> ready = new ArrayList<>();
        for (int from = 0; from < scheduled.size(); from += RunNow.AT_ONCE) {
            List<TaskEntry> some = scheduled.subList(from, Math.min(from + RunNow.AT_ONCE, scheduled.size()));
            ready.addAll(orUnknown(() -> new RunNow(context).run(some), some, ready, "made ready"));
        }
        return ready;
    }

    /**
     * @param entries as they were read
     * @param reason why; may be empty
     * @return those that were taken out
     */
    public List<TaskEntry> purge(List<TaskEntry> entries, String reason) {
        List<TaskEntry> purged = new ArrayList<>();
        for (List<TaskEntry> some : batches(entries, PURGEABLE)) {
            int from = 0;
            while (from < some.size()) {
                List<TaskEntry> rest = some.subList(from, some.size());
                List<Object> reply = orUnknown(() -> purgeOnce(rest, reason), rest, purged, "purged");
                // It may have come to the first of them only, but to that at least.
                for (int i = 0; i < reply.size(); i++) {
                    if (Bytes.number(reply.get(i)) == 1) {
                        purged.add(rest.get(i));
                    }
                }
                from += reply.size();
            }
        }
        return purged;
    }

    private List<Object> purgeOnce(List<TaskEntry> entries, String reason) {
        Keys keys = context.keys();
        byte[] place = EntryAddress.key(entries.get(0), keys);
        List<byte[]> names = keys.withLanes(place, keys.workers);
        names.add(keys.scheduled);
        List<byte[]> args =
                new ArrayList<>(List.of(bytes(context.limits().statusTtl().toMillis())));
        List<byte[]> ends = Arrays.stream(TaskState.values())
                .filter(TaskState::isFinal)
                .map(state -> bytes(state.wireName()))
                .toList();
        args.add(bytes(ends.size()));
        args.addAll(ends);
        for (TaskEntry entry : entries) {
            Optional<Task> task = entry.task();
            boolean own = EntryAddress.hasOwnId(entry);
            Optional<Task> unique = task.filter(known -> own && UniqueKeys.has(known));
            names.add(task.flatMap(Task::idempotencyKey).map(keys::idempotency).orElse(place));
            names.add(own ? keys.task(entry.id()) : place);
            names.add(unique.map(known -> UniqueKeys.key(known, keys)).orElse(place));
            args.add(entry.raw());
            args.add(bytes(entry.position()));
            args.add(task.map(IdempotencyLocks::running).orElse(Bytes.EMPTY));
            args.add(task.map(IdempotencyLocks::done).orElse(Bytes.EMPTY));
            args.add(task.filter(known -> own && context.limits().tracksStatus())
                    .map(known -> StatusCodec.of(dated(known), TaskState.CANCELLED)
                            .cancelReason(reason)
                            .suffixOrNone())
                    .orElse(Bytes.EMPTY));
            args.add(unique.isPresent() ? bytes(entry.id()) : Bytes.EMPTY);
        }
        return context.redis().list(Script.PURGE, names, args);
    }

    private static Task dated(Task task) {
        TaskHistory history = task.history();
        return history.createdAtMillis() > 0
                ? task
                : task.withHistory(new TaskHistory(System.currentTimeMillis(), history.retry(), history.lastError()));
    }

    /**
     * @param entries as they were read
     * @param target the other queue's name
     * @return what was moved, and what a key keeps
     */
    public MoveResult move(List<TaskEntry> entries, String target) {
        TaskMove move = new TaskMove(context, queue, target);
        List<TaskEntry> moved = new ArrayList<>();
        List<TaskEntry> kept = new ArrayList<>();
        for (List<TaskEntry> some : batches(entries, TaskMove.PLACES)) {
            int from = 0;
            while (from < some.size()) {
                List<TaskEntry> rest = some.subList(from, some.size());
                from += orUnknown(() -> move.once(rest, moved, kept), rest, moved, "moved");
            }
        }
        return new MoveResult(moved, kept);
    }

    private static <T> T orUnknown(Supplier<T> request, List<TaskEntry> some, List<TaskEntry> done, String what) {
        try {
            return request.get();
        } catch (Redis.BrokenRequestException e) {
            List<String> ids = some.stream().map(TaskEntry::id).toList();
            throw new OutcomeUnknownException(
                    e.getMessage() + "; " + done.size() + " entries were " + what + ", and these may have been: " + ids,
                    done.size(),
                    done.stream().map(TaskEntry::id).toList(),
                    ids,
                    e);
        }
    }

    /** Those that can be found by their bytes in one of the places: neighbours of one list together, a script's worth each. */
    private List<List<TaskEntry>> batches(List<TaskEntry> entries, Set<Place> places) {
        List<List<TaskEntry>> batches = new ArrayList<>();
        List<TaskEntry> last = List.of();
        for (TaskEntry entry : entries) {
            if (places.contains(entry.place()) && isReadable(entry)) {
                if (last.isEmpty() || last.size() == AT_ONCE || !isAlike(last.get(0), entry)) {
                    last = new ArrayList<>();
                    batches.add(last);
                }
                last.add(entry);
            }
        }
        return batches;
    }

    /** Of parked tasks each type has a list of its own, and those of one list go to several lanes. */
    private static boolean isAlike(TaskEntry one, TaskEntry other) {
        return one.place() == other.place()
                && (one.place() != Place.PARKED
                        || one.type().equals(other.type())
                                && one.task()
                                        .map(Task::priority)
                                        .equals(other.task().map(Task::priority)));
    }

    /** Of what is parked the type names the list. */
    private static boolean isReadable(TaskEntry entry) {
        return entry.raw().length > 0
                && (entry.place() != Place.PARKED || entry.type().isPresent());
    }
}
