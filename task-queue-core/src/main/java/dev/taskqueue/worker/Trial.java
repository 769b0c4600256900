package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.ClaimBatch;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks that were taken back too often from workers that died: each alone in this worker, so that if this one dies too,
 * it is known what killed it. Such tasks wait apart, and are rare; a worker that is told of them runs as many as it can in a
 * second, and then goes on with the others for as long as that took, unless no others wait. To be used by the fetcher alone,
 * which claims nothing else meanwhile.
 */
final class Trial {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** How long to wait for the other tasks of this worker to end. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** For how long nothing is claimed beside it; then the others must not wait any longer. */
    private static final Duration ALONE = Duration.ofSeconds(10);

    private static final Duration STEP = Duration.ofMillis(20);
    private static final long TURN_NANOS = Duration.ofSeconds(1).toNanos();

    /** After so many attempts to be alone it is run beside the others. */
    private static final int MOST_ATTEMPTS = 5;

    private final BrokerSession session;
    private final Heartbeat heartbeat;
    private final UnsettledClaims unsettled;
    private final Admission admission;
    private final RunQueue runQueue;
    private final QueueSlots slots;
    private final RunnerPool pool;
    private int attempts;
    /** Whether Redis may hold a record of a trial here. */
    private boolean recorded;
    /** The claim on trial, from before it is handed over until Redis has been told of its end. */
    private Claim onTrial;
    /** Whether Redis has been told that others run beside it. */
    private boolean beside;
    /** Whether the latest turn ended before the suspects did. */
    private boolean moreWait;
    /** Until when it is the others' turn. */
    private long notBeforeNanos = System.nanoTime();

    Trial(
            BrokerSession session,
            Heartbeat heartbeat,
            UnsettledClaims unsettled,
            Admission admission,
            QueueSlots slots,
            RunnerPool pool) {
        this.session = session;
        this.heartbeat = heartbeat;
        this.unsettled = unsettled;
        this.admission = admission;
        this.slots = slots;
        this.pool = pool;
        runQueue = pool.queue();
    }

    /** Whether there is anything to do: a field is read, no more. */
    boolean isWanted() {
        if (onTrial != null) {
            return !beside || !unsettled.contains(onTrial);
        }
        return recorded || System.nanoTime() - notBeforeNanos >= 0 && (heartbeat.takeSuspectsWait() || moreWait);
    }

    /** Told that no other tasks wait; returns whether suspects do, so that there is no need to wait for others. */
    boolean mayGoOn() {
        if (moreWait) {
            notBeforeNanos = System.nanoTime();
        }
        return moreWait;
    }

    /** Runs suspects for about a second, unless another worker does. */
    void run(BooleanSupplier stopping) {
        pool.trial(true);
        try {
            runSome(stopping);
        } finally {
            pool.trial(false);
        }
    }

    private void runSome(BooleanSupplier stopping) {
        if (recorded) {
            report();
        }
        long began = System.nanoTime();
        moreWait = false;
        while (onTrial == null && !stopping.getAsBoolean()) {
            if (System.nanoTime() - began >= TURN_NANOS) {
                moreWait = true;
                notBeforeNanos = 2 * System.nanoTime() - began;
                return;
            }
            if (!reserve()) {
                return;
            }
            int held = 0;
            try {
                held = takeAllSlots(stopping);
                boolean alone = slots.taken() == held;
                if (held == 0 || !alone && ++attempts < MOST_ATTEMPTS) {
                    report();
                    return;
                }
                attempts = 0;
                ClaimBatch claimed = session.beginTrial(alone);
                // From here on the claim has one of the slots, whatever fails.
                held -= claimed.claims().size();
                runOne(claimed, alone, stopping);
            } finally {
                slots.free(held);
            }
        }
    }

    private boolean reserve() {
        recorded = true;
        recorded = session.reserveTrial();
        return recorded;
    }

    /** Tells Redis how it stands with the trial; where that fails, the next turn tries again. */
    private void report() {
        if (onTrial != null && unsettled.contains(onTrial)) {
            session.goOnBeside(onTrial);
            beside = true;
        } else {
            session.endTrial(onTrial == null ? List.of() : List.of(onTrial));
            onTrial = null;
            recorded = false;
        }
    }

    private int takeAllSlots(BooleanSupplier stopping) {
        int held = 0;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            do {
                runQueue.hurry();
                held += slots.takeAll(STEP);
            } while (slots.taken() > held && !stopping.getAsBoolean() && System.nanoTime() - deadline < 0);
        } catch (InterruptedException e) {
            // Then with those that are held by now.
        }
        return held;
    }

    private void runOne(ClaimBatch claimed, boolean alone, BooleanSupplier stopping) {
        if (claimed.claims().isEmpty()) {
            report();
            return;
        }
        onTrial = claimed.claims().get(0);
        beside = !alone;
        LOG.atWarn()
                .addKeyValue("task_id", onTrial.task().id())
                .addKeyValue("alone", alone)
                .log("task recovered too often; running it once more, on trial");
        admission.add(claimed);
        if (!alone) {
            return;
        }
        long deadline = System.nanoTime() + ALONE.toNanos();
        while (unsettled.contains(onTrial) && System.nanoTime() - deadline < 0) {
            if (stopping.getAsBoolean()) {
                // Its record goes with this worker, once it holds nothing any more.
                return;
            }
            unsettled.awaitFewerThan(1, Long.MAX_VALUE, STEP);
        }
        report();
    }
}
