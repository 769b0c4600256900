package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.Claim;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Looks at what runs: tells the status of tasks that take their time, interrupts those that take too long, and gives up on
 * those that ignore it. A short task goes from pending straight to its end, which spares it a write.
 */
final class Watchdog extends Role {

    private static final Duration PERIOD = Duration.ofMillis(50);

    /** An idle worker shall cost next to nothing. */
    private static final Duration IDLE_PERIOD = Duration.ofMillis(250);

    /** How long a claim may wait for a runner before another worker shall have it. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(100);

    /** How long a handler may take to heed its interrupt. */
    private static final Duration INTERRUPTED_PATIENCE = Duration.ofSeconds(5);

    private final BrokerSession session;
    private final Crew crew;
    private final Optional<Duration> timeout;
    private final Set<Attempt> marked = Collections.newSetFromMap(new WeakHashMap<>());

    /**
     * @param timeout how long an attempt may take whose task does not say; empty for as long as it likes
     */
    Watchdog(String worker, Outage outage, BrokerSession session, Crew crew, Optional<Duration> timeout) {
        super("watchdog", worker, outage);
        this.session = session;
        this.crew = crew;
        this.timeout = timeout;
    }

    @Override
    Duration turn() {
        crew.giveBackWhatWaits(LONGEST_WAIT);
        Map<Claim, Duration> unmarked = new HashMap<>();
        for (Attempt attempt : crew.running()) {
            Duration runTime = attempt.runTime();
            enforce(attempt, runTime);
            if (runTime.compareTo(PERIOD) >= 0 && marked.add(attempt)) {
                unmarked.put(attempt.claim(), runTime);
            }
        }
        // Last: a Redis that is away must not keep the limits from being held.
        session.markRunning(unmarked);
        return crew.running().isEmpty() ? IDLE_PERIOD : PERIOD;
    }

    private void enforce(Attempt attempt, Duration runTime) {
        Optional<Duration> limit = attempt.task().timeout().or(() -> timeout);
        if (limit.isPresent() && runTime.compareTo(limit.get()) >= 0) {
            attempt.cancel(Attempt.Cancellation.TIMEOUT);
        }
        if (attempt.cancellation() == Attempt.Cancellation.TIMEOUT
                && attempt.sinceCancelled().compareTo(INTERRUPTED_PATIENCE) >= 0) {
            crew.abandon(attempt);
        }
    }
}
