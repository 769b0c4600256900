package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.Claim;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Looks at what runs: tells the status of tasks that take their time. A short task goes from pending straight to its end,
 * which spares it a write.
 */
final class Watchdog extends Role {

    private static final Duration PERIOD = Duration.ofMillis(50);

    private final BrokerSession session;
    private final Crew crew;
    private final Set<Attempt> marked = Collections.newSetFromMap(new WeakHashMap<>());

    Watchdog(String worker, Outage outage, BrokerSession session, Crew crew) {
        super("watchdog", worker, outage);
        this.session = session;
        this.crew = crew;
    }

    @Override
    Duration turn() {
        Map<Claim, Duration> unmarked = new HashMap<>();
        for (Attempt attempt : crew.running()) {
            Duration runTime = attempt.runTime();
            if (runTime.compareTo(PERIOD) >= 0 && marked.add(attempt)) {
                unmarked.put(attempt.claim(), runTime);
            }
        }
        session.markRunning(unmarked);
        return PERIOD;
    }
}
