package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes the status of tasks that take their time. A short task goes from pending straight to its end, which spares it a
 * write.
 */
final class RunningStatuses extends Role {

    private static final Duration PERIOD = Duration.ofMillis(50);
    private static final Duration IDLE_PERIOD = Duration.ofMillis(250);

    private final BrokerSession session;
    private final RunnerPool pool;
    private final ServedQueue queue;

    RunningStatuses(QueueFailures failures, BrokerSession session, RunnerPool pool, ServedQueue queue) {
        super("running-statuses", failures);
        this.session = session;
        this.pool = pool;
        this.queue = queue;
    }

    @Override
    Duration turn() {
        Map<Claim, Duration> unmarked = new HashMap<>();
        boolean idle = true;
        for (Attempt attempt : pool.running()) {
            if (attempt.servedQueue() != queue) {
                continue;
            }
            idle = false;
            Duration runTime = attempt.runTime();
            if (runTime.compareTo(PERIOD) >= 0 && attempt.mark()) {
                unmarked.put(attempt.claim(), runTime);
            }
        }
        session.markRunning(unmarked);
        return idle ? IDLE_PERIOD : PERIOD;
    }
}
