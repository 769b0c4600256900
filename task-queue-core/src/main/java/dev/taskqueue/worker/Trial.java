package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.ClaimBatch;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks that were taken back too often from workers that died: each alone in this worker, so that if this one dies too,
 * it is known what killed it. Such tasks wait apart, and are rare; a worker that is told of them runs as many as it can in a
 * second, and then goes on with the others. To be used by the fetcher alone, which claims nothing else meanwhile.
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
    private final Slots slots;
    private int attempts;
    /** On trial beside other tasks, after its time alone. */
    private Claim beside;

    Trial(BrokerSession session, Heartbeat heartbeat, UnsettledClaims unsettled, Admission admission, RunnerPool pool) {
        this.session = session;
        this.heartbeat = heartbeat;
        this.unsettled = unsettled;
        this.admission = admission;
        runQueue = pool.queue();
        slots = pool.slots();
    }

    /** Whether there is anything to do: a field is read, no more. */
    boolean isWanted() {
        return beside != null ? !unsettled.contains(beside) : heartbeat.takeSuspectsWait();
    }

    /** Runs suspects for about a second, unless another worker does. */
    void run(BooleanSupplier stopping) {
        if (beside != null) {
            session.endTrial(List.of(beside));
            beside = null;
        }
        long deadline = System.nanoTime() + TURN_NANOS;
        while (!stopping.getAsBoolean() && System.nanoTime() - deadline < 0 && session.reserveTrial()) {
            int held = 0;
            try {
                held = takeAllSlots(stopping);
                boolean alone = slots.taken() == held;
                if (held == 0 || !alone && ++attempts < MOST_ATTEMPTS) {
                    session.endTrial(List.of());
                    return;
                }
                attempts = 0;
                held -= runOne(alone, stopping);
            } finally {
                slots.free(held);
            }
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

    /** Returns how many slots went along with what was claimed. */
    private int runOne(boolean alone, BooleanSupplier stopping) {
        int held = slots.taken();
        ClaimBatch claimed = session.beginTrial(alone);
        List<Claim> claims = claimed.claims();
        if (claims.isEmpty()) {
            session.endTrial(List.of());
            return 0;
        }
        Claim claim = claims.get(0);
        LOG.atWarn()
                .addKeyValue("task_id", claim.task().id())
                .addKeyValue("alone", alone)
                .log("task was taken back too often; it runs once more, on trial");
        admission.add(claimed);
        long deadline = System.nanoTime() + (alone ? ALONE.toNanos() : 0);
        while (unsettled.contains(claim) && slots.taken() == held && !stopping.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                session.goOnBeside(claim);
                beside = claim;
                return claims.size();
            }
            unsettled.awaitFewerThan(1, Long.MAX_VALUE, STEP);
        }
        if (stopping.getAsBoolean()) {
            // Its record goes with this worker, once it holds nothing any more.
            return claims.size();
        }
        session.endTrial(claims);
        return claims.size();
    }
}
