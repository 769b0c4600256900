package dev.taskqueue.worker;

import dev.taskqueue.WorkerInfo;
import dev.taskqueue.broker.internal.BrokerEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks at all that can keep a running worker from its job. Talks to nobody, and never waits. Thread-safe. */
final class HealthCheck {

    /** For whatever a turn of a role does beside its requests to Redis. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

    private static final int REQUESTS_OF_A_TURN = 3;

    private final WorkerRoles roles;
    private final RunnerPool pool;
    private final QuietState quiet;
    private final RoleFailures failures;
    private final BrokerEngine broker;
    private final Duration hung;

    /**
     * @param broker what the roles talk through
     */
    HealthCheck(WorkerRoles roles, RunnerPool pool, QuietState quiet, RoleFailures failures, BrokerEngine broker) {
        this.roles = roles;
        this.pool = pool;
        this.quiet = quiet;
        this.failures = failures;
        this.broker = broker;
        hung = LONGEST_TURN.plus(broker.longestCall().multipliedBy(REQUESTS_OF_A_TURN));
    }

    WorkerHealth run() {
        List<String> notAlive = new ArrayList<>();
        for (RoleThreads threads : roles.threads()) {
            if (threads.isDead()) {
                notAlive.add("a thread of the " + threads.roles().get(0).name() + " has died");
            }
            for (Role role : threads.roles()) {
                Duration turn = role.turnTime();
                if (turn.compareTo(hung) > 0) {
                    notAlive.add("the " + role.label() + " has hung for " + turn.toSeconds() + " s");
                }
            }
        }
        notAlive.addAll(failures.forGood());
        List<String> notReady = new ArrayList<>(notAlive);
        if (broker.isClosed()) {
            notReady.add("the broker is closed");
        } else {
            notReady.addAll(failures.reasons(""));
            if (pool.working() == 0) {
                notReady.add("no runner left: all are dead, or held by handlers that ignore their interrupt");
            }
        }
        Map<String, List<String>> byQueue = new TreeMap<>();
        Map<String, String> paused = new TreeMap<>();
        for (QueueRoles queue : roles.queues()) {
            List<String> reasons = broker.isClosed() ? List.of() : reasons(queue);
            byQueue.put(queue.name(), reasons);
            notReady.addAll(reasons);
            queue.gate().pause().ifPresent(pause -> paused.put(queue.name(), pause.describe()));
        }
        return new WorkerHealth(
                notAlive, notReady, byQueue, paused, quiet.mark().map(WorkerInfo.Quiet::describe));
    }

    private List<String> reasons(QueueRoles queue) {
        List<String> reasons = new ArrayList<>(failures.reasons(queue.name()));
        String of = roles.queues().size() == 1 ? "" : "queue " + queue.name() + ": ";
        Heartbeat heartbeat = queue.heartbeat();
        String refusal = heartbeat.refusal();
        if (refusal != null) {
            reasons.add(refusal);
        } else if (!heartbeat.isRegistered()) {
            reasons.add(of + "the worker is not registered in Redis yet");
        } else if (heartbeat.hasLapsed()) {
            reasons.add(of + "no heartbeat has reached Redis for a lease");
        }
        queue.settler().heldUp().ifPresent(reason -> reasons.add(of + reason));
        queue.headway().stall().ifPresent(reason -> reasons.add(of + reason));
        return reasons;
    }
}
