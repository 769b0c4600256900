package dev.taskqueue.worker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which roles of one queue fail, or of the worker as a whole. Thread-safe. */
final class QueueFailures {

    private final RoleFailures all;
    private final String queue;
    private final boolean named;
    /** Roles of this queue that Redis does not answer to. */
    private final Set<String> withoutRedis = ConcurrentHashMap.newKeySet();

    /**
     * @param queue empty for the worker as a whole
     * @param named whether to tell the queue, as there are several
     */
    QueueFailures(RoleFailures all, String queue, boolean named) {
        this.all = all;
        this.queue = queue;
        this.named = named;
    }

    String label(String role) {
        return named ? role + " of queue " + queue : role;
    }

    String queue() {
        return queue;
    }

    void add(String role, Throwable failure) {
        if (RoleFailures.isOfRedis(failure)) {
            withoutRedis.add(role);
        }
        all.add(this, role, failure);
    }

    /** A turn of a role has succeeded after some that failed, or the role has ended. */
    void over(String role) {
        withoutRedis.remove(role);
        all.over(this, role);
    }

    /** Whether Redis does not answer, as far as this queue's roles know. */
    boolean isAway() {
        return !withoutRedis.isEmpty();
    }
}
