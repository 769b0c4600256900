package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Duration;

/**
 * The fetcher of one of several queues: it shares its thread with those of the others, and so never waits. What it may take,
 * and when an idle runner waits for a task of its queue, {@link SlotSharing} says, which wakes it.
 */
final class SharedFetcher extends Fetcher {

    private static final Duration SETTLE_POLL = Duration.ofMillis(5);

    /** Only a net: the promoter tells of tasks that wait, and who frees a slot wakes whose turn it is. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final SlotSharing sharing;
    private final SharedSlots slots;
    private final RunQueue runQueue;
    /** The wait that is under way, or has ended and was not seen to. */
    private IdleWait wait;

    private boolean hurried;

    SharedFetcher(
            QueueFailures failures,
            BrokerSession session,
            Heartbeat heartbeat,
            UnsettledClaims unsettled,
            ServedQueue queue,
            Admission admission,
            Trial trial,
            RunnerPool pool,
            Timings timings,
            SlotSharing sharing,
            SharedSlots slots) {
        super(failures, session, heartbeat, unsettled, queue, admission, trial, pool, timings);
        this.sharing = sharing;
        this.slots = slots;
        runQueue = pool.queue();
        slots.wakes(this::waitEnded);
    }

    @Override
    Duration turn() {
        sharing.looks();
        try {
            if (wait == null) {
                return super.turn();
            }
            return wait.hasEnded() ? endWait() : LONGEST_PAUSE;
        } finally {
            // Whatever this one left is for another.
            sharing.freed();
        }
    }

    private Duration endWait() {
        IdleWait ended = wait;
        wait = null;
        sharing.endWait(slots);
        Duration pause = end(ended);
        return slots.isDry() ? LONGEST_PAUSE : pause;
    }

    /** Not while a wait is under way: what it brings would be left to others. */
    @Override
    boolean mayEnd() {
        return wait == null;
    }

    /** Where Redis is full, claims of nothing succeed, and waits fail. */
    @Override
    boolean hasSucceeded() {
        return wait == null;
    }

    @Override
    Duration unsettledPatience() {
        return Duration.ZERO;
    }

    @Override
    int takeSlots() {
        // What hangs shall hold no more than one.
        int taken = isFailing() ? slots.take(1) : slots.take();
        hurried &= taken == 0;
        return taken;
    }

    @Override
    Duration hindered(Duration pause) {
        sharing.withdraw(slots);
        return pause.isZero() ? SETTLE_POLL : pause;
    }

    @Override
    Duration noSlots() {
        if (!hurried) {
            hurried = true;
            return QueueSlots.SHORTLY;
        }
        // Those that run are not short: who waits for them may have another runner.
        runQueue.hurry();
        return QueueSlots.PATIENCE;
    }

    @Override
    void claimed(boolean any) {
        sharing.claimed(slots, any);
    }

    @Override
    boolean mayWait() {
        return sharing.beginWait(slots);
    }

    @Override
    Duration await(IdleWait begun) {
        wait = begun;
        return LONGEST_PAUSE;
    }

    @Override
    void waitEnded() {
        wakeWithin(Duration.ZERO);
    }

    @Override
    Duration nothingToDo() {
        return LONGEST_PAUSE;
    }

    @Override
    void failed() {
        super.failed();
        sharing.withdraw(slots);
    }
}
