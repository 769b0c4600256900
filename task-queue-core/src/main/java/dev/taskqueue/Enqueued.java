package dev.taskqueue;

/**
 * What became of one task of an enqueue.
 *
 * @param id the id of the task that stands: its own if it was accepted, else that of the one that holds its unique key, or waits
 *     for it
 * @param accepted whether it was accepted; what was not will not run
 * @param queue the queue that it is in
 * @param replaced whether it was not accepted, and its content took the place of that of the task that stands
 */
public record Enqueued(String id, boolean accepted, String queue, boolean replaced) {

    /**
     * Of a task whose content took nothing's place.
     *
     * @param id the id of the task that stands
     * @param accepted whether it was accepted
     * @param queue the queue that it is in
     */
    public Enqueued(String id, boolean accepted, String queue) {
        this(id, accepted, queue, false);
    }
}
