package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves tasks whose time has come from {@code scheduled} to their lanes, and has schedules fired and cancelled tasks stopped:
 * its look, once a second, tells of both.
 */
final class Promoter extends Role {

    /**
     * With a million due, fewer are promoted more slowly, and with more others wait longer: it was measured from 25 to 500
     * ({@code MillionDueTest}).
     */
    static final int MAX_BATCH = 100;

    /** Another process may schedule something earlier than what is known here. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final BrokerSession session;
    private final @Nullable Runnable tasksWait;
    private final Cancellations cancellations;
    private final CronFiring crons;
    private final PauseGate gate;

    /**
     * @param gate closed within a second once the queue is paused, also while nothing can be claimed
     * @param tasksWait told at least once a second while tasks wait; null if nobody wants to know
     */
    Promoter(
            QueueFailures failures,
            BrokerSession session,
            Cancellations cancellations,
            PauseGate gate,
            @Nullable Runnable tasksWait) {
        super("promoter", failures);
        this.session = session;
        this.cancellations = cancellations;
        this.gate = gate;
        this.tasksWait = tasksWait;
        this.crons = new CronFiring(session);
    }

    @Override
    Duration turn() {
        Optional<Duration> next =
                tasksWait == null ? session.promote(MAX_BATCH) : session.promote(MAX_BATCH, tasksWait);
        if (session.anyCancelled()) {
            cancellations.enforce();
            cancellations.trim();
        }
        if (session.sawPause()) {
            gate.close();
        }
        Duration wait = next.filter(due -> due.compareTo(LONGEST_PAUSE) < 0).orElse(LONGEST_PAUSE);
        return crons.fireWithin(wait);
    }
}
