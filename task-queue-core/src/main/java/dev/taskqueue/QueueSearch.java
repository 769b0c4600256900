package dev.taskqueue;

import java.util.List;

/**
 * The queues that were found in a Redis. Immutable.
 *
 * @param queues their names, sorted: those that a worker of this library has ever served, 1,000 at most
 * @param complete whether the whole database was looked through; it was not where time ran out, and never is in Redis Cluster
 */
public record QueueSearch(List<String> queues, boolean complete) {

    /** Copies the names. */
    public QueueSearch {
        queues = List.copyOf(queues);
    }
}
