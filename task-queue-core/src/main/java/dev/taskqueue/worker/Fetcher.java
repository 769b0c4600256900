package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.ClaimBatch;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims as many tasks as there are free slots and passes them on through {@link Admission}: one slot a runner, and while
 * tasks are short a few more, as {@link Prefetch} says. Where nothing waits, it has an idle runner wait.
 */
final class Fetcher extends Role {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration PATIENCE = Duration.ofMillis(200);

    /** So soon short tasks free a slot; later, those that run are not short. */
    private static final Duration SHORTLY = Duration.ofMillis(5);

    private static final Duration REGISTRATION_POLL = Duration.ofMillis(10);
    private static final Duration PAUSED_POLL = Duration.ofMillis(500);

    /** How many claims may wait for their outcome to be committed before nothing more is claimed. */
    private static final int MAX_UNSETTLED = 1_000;

    /** The same in bytes: large tasks that are done and not yet committed must not fill the heap. */
    private static final long MAX_UNSETTLED_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private final BrokerSession session;
    private final Heartbeat heartbeat;
    private final UnsettledClaims unsettled;
    private final ServedQueue queue;
    private final Admission admission;
    private final RunQueue runQueue;
    private final Slots slots;
    private final Prefetch prefetch;
    private final Trial trial;
    private final Timings timings;
    private final int threads;

    private long adoptAtNanos = System.nanoTime();

    Fetcher(
            String worker,
            RoleFailures failures,
            BrokerSession session,
            Heartbeat heartbeat,
            UnsettledClaims unsettled,
            ServedQueue queue,
            Admission admission,
            Trial trial,
            RunnerPool pool,
            Timings timings) {
        super("fetcher", worker, failures);
        this.session = session;
        this.heartbeat = heartbeat;
        this.unsettled = unsettled;
        this.queue = queue;
        this.admission = admission;
        runQueue = pool.queue();
        slots = pool.slots();
        prefetch = pool.prefetch();
        threads = pool.size();
        this.trial = trial;
        this.timings = timings;
    }

    @Override
    Duration turn() {
        if (!heartbeat.mayClaim()) {
            return REGISTRATION_POLL;
        }
        admission.decide();
        if (trial.isWanted()) {
            trial.run(this::isStopping);
        }
        if (System.nanoTime() - adoptAtNanos >= 0) {
            adopt();
        }
        if (!unsettled.awaitFewerThan(threads + MAX_UNSETTLED, MAX_UNSETTLED_BYTES, PATIENCE)) {
            runQueue.hurry();
            return Duration.ZERO;
        }
        int taken = takeSlots();
        if (isStopping()) {
            // What frees slots now goes back, and would be claimed again at once.
            slots.free(taken);
            return Duration.ZERO;
        }
        return taken == 0 ? Duration.ZERO : claim(taken);
    }

    private int takeSlots() {
        slots.resize(threads + prefetch.allowance());
        try {
            int taken = slots.takeAll(SHORTLY);
            if (taken == 0) {
                runQueue.hurry();
                taken = slots.takeAll(PATIENCE);
            }
            return taken;
        } catch (InterruptedException e) {
            return 0;
        }
    }

    private Duration claim(int taken) {
        // Each claim takes a slot along; what is left over is freed here.
        int unused = taken;
        try {
            ClaimBatch claimed = session.claim(taken);
            if (claimed.paused()) {
                return PAUSED_POLL;
            }
            if (claimed.claims().isEmpty() && claimed.malformed() == 0 && !isStopping() && !trial.mayGoOn()) {
                slots.free(taken - 1);
                unused = 1;
                IdleWait wait = new IdleWait(session, unsettled, queue, timings.idleWait());
                runQueue.put(wait);
                claimed = wait.await();
                unused -= wait.isKept() ? 1 : 0;
            }
            unused -= claimed.claims().size();
            accept(claimed);
            return claimed.paused() ? PAUSED_POLL : Duration.ZERO;
        } finally {
            slots.free(unused);
        }
    }

    private void accept(ClaimBatch claimed) {
        if (claimed.malformed() > 0) {
            queue.meter().malformed(claimed.malformed());
        }
        admission.add(claimed);
    }

    /** Takes up what a claim whose reply was lost left in the processing list. */
    private void adopt() {
        ClaimBatch adopted = session.adopt(unsettled.snapshot());
        adoptAtNanos = System.nanoTime() + timings.adoption().toNanos();
        if (!adopted.claims().isEmpty()) {
            LOG.atWarn().addKeyValue("tasks", adopted.claims().size()).log("adopted tasks whose claim lost its reply");
            // They are this worker's already: until so many runners have become idle, nothing is claimed.
            slots.takeRegardless(adopted.claims().size());
        }
        accept(adopted);
    }

    @Override
    void failed() {
        // The request may have been carried out all the same.
        adoptAtNanos = System.nanoTime();
    }
}
