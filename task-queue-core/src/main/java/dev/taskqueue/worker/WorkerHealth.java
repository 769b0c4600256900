package dev.taskqueue.worker;

import java.util.List;

/**
 * What keeps a worker from doing its job, at one moment; each reason is one sentence without secrets and without line
 * breaks. Immutable.
 *
 * @param notAlive why only a restart of the process helps; empty for a worker that lives
 * @param notReady why no work gets done right now; empty for a worker that makes headway, or has nothing to do. Holds the
 *     reasons of {@code notAlive} as well
 */
public record WorkerHealth(List<String> notAlive, List<String> notReady) {

    /** Copies both lists. */
    public WorkerHealth {
        notAlive = List.copyOf(notAlive);
        notReady = List.copyOf(notReady);
    }

    /**
     * @return whether a restart is not needed
     */
    public boolean isAlive() {
        return notAlive.isEmpty();
    }

    /**
     * @return whether tasks are taken and run as they come
     */
    public boolean isReady() {
        return notReady.isEmpty();
    }
}
