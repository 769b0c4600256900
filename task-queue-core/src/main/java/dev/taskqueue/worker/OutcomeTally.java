package dev.taskqueue.worker;

import dev.taskqueue.FinishedTask;
import dev.taskqueue.HistoryMinute;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.internal.BeatReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Counts how the attempts of one queue end, and keeps the latest tasks that came to their end, until a heartbeat has told of
 * them. What was told of in vain is told of again. Adding takes no memory but for a type that is new. Thread-safe.
 */
final class OutcomeTally {

    static final int MAX_FINISHED = 1_000;
    private static final int MAX_TYPES = 200;
    private static final TaskState[] STATES = TaskState.values();

    /**
     * What there was to tell at one moment.
     *
     * @param upTo how many tasks had come to their end by then
     */
    record Snapshot(List<BeatReport.Count> counts, List<FinishedTask> finished, long upTo) {}

    private final Set<String> handled;
    private final LongSupplier now;
    /** By type, then by the state's ordinal. */
    private final Map<String, long[]> counts = new HashMap<>();

    private final long[] others = new long[STATES.length];

    // A ring: tasks by how many had ended before, modulo its size.
    private final String[] ids = new String[MAX_FINISHED];
    private final String[] types = new String[MAX_FINISHED];
    private final TaskState[] states = new TaskState[MAX_FINISHED];
    private final long[] times = new long[MAX_FINISHED];
    private long ended;
    private long told;

    /**
     * @param handled the types that the worker has handlers for: others are not counted one by one, as there may be any number
     * @param now the time by Redis' clock, in ms
     */
    OutcomeTally(Set<String> handled, LongSupplier now) {
        this.handled = handled;
        this.now = now;
        counts.put(HistoryMinute.OTHER, others);
    }

    /** Counts how an attempt ended; does nothing for a task that merely waits again. */
    void add(CompletedAttempt one) {
        TaskState state = one.state();
        if (state != null) {
            add(one.claim().task().id(), one.claim().task().type(), state);
        }
    }

    synchronized void add(String id, String type, TaskState state) {
        of(type)[state.ordinal()]++;
        if (state.isFinal()) {
            int place = (int) (ended % MAX_FINISHED);
            ids[place] = id;
            types[place] = type;
            states[place] = state;
            times[place] = now.getAsLong();
            ended++;
        }
    }

    private long[] of(String type) {
        long[] known = counts.get(type);
        if (known != null) {
            return known;
        }
        if (counts.size() > MAX_TYPES || !handled.contains(type)) {
            return others;
        }
        long[] fresh = new long[STATES.length];
        counts.put(type, fresh);
        return fresh;
    }

    synchronized Snapshot snapshot() {
        List<BeatReport.Count> changed = new ArrayList<>();
        counts.forEach((type, ofType) -> {
            for (TaskState state : STATES) {
                if (ofType[state.ordinal()] > 0) {
                    changed.add(new BeatReport.Count(type, state, ofType[state.ordinal()]));
                }
            }
        });
        List<FinishedTask> finished = new ArrayList<>();
        for (long i = Math.max(told, ended - MAX_FINISHED); i < ended; i++) {
            int place = (int) (i % MAX_FINISHED);
            finished.add(new FinishedTask(ids[place], types[place], states[place], Instant.ofEpochMilli(times[place])));
        }
        return new Snapshot(changed, finished, ended);
    }

    /** To be called once what there was has been told. */
    synchronized void told(Snapshot snapshot) {
        for (BeatReport.Count count : snapshot.counts()) {
            counts.get(count.type())[count.state().ordinal()] -= count.attempts();
        }
        told = Math.max(told, snapshot.upTo());
    }
}
