package dev.taskqueue;

/**
 * What became of the tasks of a stream that were enqueued.
 *
 * @param accepted how many were accepted
 * @param rejected how many were not, as others hold their unique keys
 * @param replaced how many were not either, and their content took the place of that of others
 */
public record EnqueueCounts(long accepted, long rejected, long replaced) {}
