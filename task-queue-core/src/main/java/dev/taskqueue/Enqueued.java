package dev.taskqueue;

/**
 * What became of one task of an enqueue.
 *
 * @param id the id of the task that stands: its own if it was accepted
 * @param accepted whether it was accepted
 */
public record Enqueued(String id, boolean accepted) {}
