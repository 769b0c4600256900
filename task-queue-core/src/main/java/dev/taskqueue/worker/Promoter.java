package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Duration;

/** Moves tasks whose time has come from {@code scheduled} to their lanes, and has schedules fired. */
final class Promoter extends Role {

    private static final int MAX_BATCH = 100;

    /** Another process may schedule something earlier than what is known here. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final BrokerSession session;
    private final CronFiring crons;

    Promoter(String worker, RoleFailures failures, BrokerSession session) {
        super("promoter", worker, failures);
        this.session = session;
        this.crons = new CronFiring(session);
    }

    @Override
    Duration turn() {
        Duration wait = session.promote(MAX_BATCH)
                .filter(due -> due.compareTo(LONGEST_PAUSE) < 0)
                .orElse(LONGEST_PAUSE);
        return crons.fireWithin(wait);
    }
}
