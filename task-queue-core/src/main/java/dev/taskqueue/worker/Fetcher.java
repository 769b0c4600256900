package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.ClaimBatch;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims tasks of one queue, as many as its {@link QueueSlots} allow, and passes them on through {@link Admission}: one slot
 * a runner, and while tasks are short a few more, as {@link Prefetch} says. Where nothing waits, it has an idle runner wait.
 * Here is what a worker of one queue does, whose fetcher has a thread for itself; {@link SharedFetcher} is one of several.
 */
class Fetcher extends Role {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private static final Duration REGISTRATION_POLL = Duration.ofMillis(10);

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
    private final Trial trial;
    private final PauseGate gate;
    private final PausedQueue paused;
    private final Timings timings;
    private final int maxUnsettled;

    private long adoptAtNanos = System.nanoTime();

    Fetcher(
            QueueFailures failures,
            BrokerSession session,
            Heartbeat heartbeat,
            UnsettledClaims unsettled,
            ServedQueue queue,
            Admission admission,
            Trial trial,
            RunnerPool pool,
            Timings timings) {
        super("fetcher", failures);
        this.session = session;
        this.heartbeat = heartbeat;
        this.unsettled = unsettled;
        this.queue = queue;
        this.admission = admission;
        runQueue = pool.queue();
        maxUnsettled = pool.size() + MAX_UNSETTLED;
        this.trial = trial;
        gate = queue.gate();
        paused = new PausedQueue(session, unsettled, queue, admission, pool);
        this.timings = timings;
    }

    @Override
    Duration turn() {
        if (!heartbeat.mayClaim()) {
            return hindered(REGISTRATION_POLL);
        }
        if (!gate.isClosed()) {
            admission.decide();
            if (trial.isWanted()) {
                trial.run(() -> isStopping() || gate.isClosed());
            }
        }
        if (System.nanoTime() - adoptAtNanos >= 0) {
            adopt();
        }
        if (gate.isClosed() && !isStopping()) {
            return hindered(paused.turn());
        }
        if (!unsettled.awaitFewerThan(maxUnsettled, MAX_UNSETTLED_BYTES, unsettledPatience())) {
            runQueue.hurry();
            return hindered(Duration.ZERO);
        }
        int taken = takeSlots();
        if (isStopping()) {
            // What frees slots now goes back, and would be claimed again at once.
            queue.slots().free(taken);
            return Duration.ZERO;
        }
        return taken == 0 ? noSlots() : claim(taken);
    }

    Duration unsettledPatience() {
        return QueueSlots.PATIENCE;
    }

    /** Takes slots for new claims. */
    int takeSlots() {
        return queue.slots().take();
    }

    /** Told that nothing can be claimed for now, and in how long to try again. */
    Duration hindered(Duration pause) {
        return pause;
    }

    /** Told that no slot is free for this queue; returns in how long to try again. */
    Duration noSlots() {
        return Duration.ZERO;
    }

    /** Told what a claim brought. */
    void claimed(boolean any) {}

    private Duration claim(int taken) {
        // Each claim takes a slot along; what is left over is freed here.
        int unused = taken;
        try {
            ClaimBatch claimed = session.claim(taken);
            boolean any = !claimed.claims().isEmpty() || claimed.malformed() > 0;
            claimed(any);
            if (claimed.paused()) {
                gate.close();
                return Duration.ZERO;
            }
            if (any || isStopping() || trial.mayGoOn()) {
                unused -= claimed.claims().size();
                accept(claimed);
                return Duration.ZERO;
            }
            queue.slots().free(taken - 1);
            unused = 1;
            if (mayWait()) {
                IdleWait wait = new IdleWait(session, unsettled, queue, timings.idleWait(), this::waitEnded);
                runQueue.put(wait);
                unused = 0;
                return await(wait);
            }
            return nothingToDo();
        } finally {
            queue.slots().free(unused);
        }
    }

    /** Whether an idle runner may wait for a task, as this queue is empty. */
    boolean mayWait() {
        return true;
    }

    /** Told by another thread that a runner's wait has ended. */
    void waitEnded() {}

    /** Sees to a wait, which has a slot; returns in how long to take the next turn. */
    Duration await(IdleWait wait) {
        return end(wait);
    }

    Duration nothingToDo() {
        return Duration.ZERO;
    }

    /** Waits for the end of a wait, and takes care of what its runner has not kept. */
    final Duration end(IdleWait wait) {
        int unused = 1;
        try {
            ClaimBatch claimed = wait.await();
            unused -= wait.isKept() ? 1 : 0;
            unused -= claimed.claims().size();
            claimed(wait.isKept() || !claimed.claims().isEmpty() || claimed.malformed() > 0);
            accept(claimed);
            if (claimed.paused()) {
                gate.close();
            }
            return gate.isClosed() ? hindered(Duration.ZERO) : Duration.ZERO;
        } finally {
            queue.slots().free(unused);
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
            queue.slots().takeRegardless(adopted.claims().size());
        }
        accept(adopted);
    }

    @Override
    void failed() {
        // The request may have been carried out all the same.
        adoptAtNanos = System.nanoTime();
    }
}
