package dev.taskqueue;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of tasks in one minute. Workers tell it with their heartbeats: it may be a quarter of a lease late, and so in the
 * minute after.
 *
 * @param minute its beginning, by Redis' clock
 * @param counts by type, how many attempts ended in which way: in a {@linkplain TaskState#isFinal final} state, or as
 *     {@link TaskState#RETRYING} where another one follows. Types that a worker does not handle, and of more than 200
 *     those after the first, count as {@link #OTHER}
 */
public record HistoryMinute(Instant minute, Map<String, Map<TaskState, Long>> counts) {

    /** Stands for the types that are not counted one by one. */
    public static final String OTHER = "(other)";

    /** Copies the counts, in the order of the types. */
    public HistoryMinute {
        Map<String, Map<TaskState, Long>> copy = new TreeMap<>();
        counts.forEach((type, states) -> copy.put(type, Collections.unmodifiableMap(new EnumMap<>(states))));
        counts = Collections.unmodifiableMap(copy);
    }

    /**
     * @param state a state
     * @return how many attempts of all types ended so
     */
    public long total(TaskState state) {
        return counts.values().stream()
                .mapToLong(states -> states.getOrDefault(state, 0L))
                .sum();
    }
}
