package dev.taskqueue;

/**
 * What became of one task of an enqueue.
 *
 * @param id the id of the task that stands: its own if it was accepted
 * @param accepted whether it was accepted
 * @param queue the queue that it is in
 */
public record Enqueued(String id, boolean accepted, String queue) {}
