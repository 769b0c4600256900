package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Duration;

/** Moves tasks whose time has come from {@code scheduled} to their lanes. */
final class Promoter extends Role {

    /**
     * With a million due, fewer are promoted more slowly, and with more others wait longer: it was measured from 25 to 500
     * ({@code MillionDueTest}).
     */
    static final int MAX_BATCH = 100;

    /** Another process may schedule something earlier than what is known here. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final BrokerSession session;

    Promoter(String worker, RoleFailures failures, BrokerSession session) {
        super("promoter", worker, failures);
        this.session = session;
    }

    @Override
    Duration turn() {
        return session.promote(MAX_BATCH)
                .filter(wait -> wait.compareTo(LONGEST_PAUSE) < 0)
                .orElse(LONGEST_PAUSE);
    }
}
