package dev.taskqueue.broker.internal;

import java.util.List;

/**
 * What was taken back from silent workers.
 *
 * @param worker whose tasks, or empty
 * @param taskIds the tasks that are back in a lane, or on their way to it
 * @param deadIds the tasks that had been taken back too often
 */
public record Recovered(String worker, List<String> taskIds, List<String> deadIds) {

    /** No worker is silent, or none of them holds a task that can be taken back. */
    static final Recovered NOTHING = new Recovered("", List.of(), List.of());

    /**
     * @return how many tasks were taken back
     */
    public int size() {
        return taskIds.size() + deadIds.size();
    }
}
