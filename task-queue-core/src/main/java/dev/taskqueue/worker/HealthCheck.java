package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Looks at all that can keep a running worker from its job. Talks to nobody, and never waits. Thread-safe. */
final class HealthCheck {

    /** For whatever a turn of a role does beside its requests to Redis. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

    private static final int REQUESTS_OF_A_TURN = 3;

    private final List<Role> roles;
    private final RunnerPool pool;
    private final QueueRoles queue;
    private final RoleFailures failures;
    private final BrokerEngine broker;
    private final Duration hung;

    /**
     * @param broker what the roles talk through
     */
    HealthCheck(List<Role> roles, RunnerPool pool, QueueRoles queue, RoleFailures failures, BrokerEngine broker) {
        this.roles = List.copyOf(roles);
        this.pool = pool;
        this.queue = queue;
        this.failures = failures;
        this.broker = broker;
        hung = LONGEST_TURN.plus(broker.longestCall().multipliedBy(REQUESTS_OF_A_TURN));
    }

    WorkerHealth run() {
        List<String> notAlive = new ArrayList<>();
        for (Role role : roles) {
            Duration turn = role.turnTime();
            if (role.isDead()) {
                notAlive.add("the thread of the " + role.name() + " has died");
            } else if (turn.compareTo(hung) > 0) {
                notAlive.add("the " + role.name() + " has hung for " + turn.toSeconds() + " s");
            }
        }
        notAlive.addAll(failures.forGood());
        List<String> notReady = new ArrayList<>(notAlive);
        if (broker.isClosed()) {
            notReady.add("the broker is closed");
            return new WorkerHealth(notAlive, notReady);
        }
        notReady.addAll(failures.reasons());
        String refusal = queue.heartbeat().refusal();
        if (refusal != null) {
            notReady.add(refusal);
        } else if (!queue.heartbeat().isRegistered()) {
            notReady.add("the worker is not registered in Redis yet");
        } else if (queue.heartbeat().hasLapsed()) {
            notReady.add("no heartbeat has reached Redis for a lease");
        }
        if (pool.working() == 0) {
            notReady.add("no runner left: all are dead, or held by handlers that ignore their interrupt");
        }
        queue.settler().heldUp().ifPresent(notReady::add);
        queue.headway().stall().ifPresent(notReady::add);
        return new WorkerHealth(notAlive, notReady);
    }
}
