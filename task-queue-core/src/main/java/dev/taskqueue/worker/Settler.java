package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.BrokerSession.Settled;
import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits outcomes by group: whatever finished while the last round trip was under way goes with the next. What Redis did
 * not answer is kept and sent again; sending twice changes nothing.
 */
final class Settler extends Role {

    private static final Logger LOG = LoggerFactory.getLogger(Settler.class);
    private static final int MAX_BATCH = 200;
    /** No outcome: only ends the wait for one. */
    private static final Finished WAKE_UP = new Finished(null, null, false, Duration.ZERO);

    private static final Duration REFUSED_PAUSE = Duration.ofMillis(500);

    private final BrokerSession session;
    private final Outstanding outstanding;
    private final Promoter promoter;
    private final Pace pace;
    private final BlockingQueue<Finished> finished = new LinkedBlockingQueue<>();
    private final List<Claim> settledClaims = new ArrayList<>(MAX_BATCH);
    private final List<Finished> batch = new ArrayList<>(MAX_BATCH);
    private boolean resending;
    private volatile boolean flushing;

    Settler(
            String worker,
            Outage outage,
            BrokerSession session,
            Outstanding outstanding,
            Promoter promoter,
            Pace pace) {
        super("settler", worker, outage);
        this.session = session;
        this.outstanding = outstanding;
        this.promoter = promoter;
        this.pace = pace;
    }

    void add(Finished one) {
        finished.add(one);
    }

    /** Ends the thread once everything is committed; {@link #stop} ends it at once. */
    void stopWhenDone() {
        flushing = true;
        finished.add(WAKE_UP);
    }

    @Override
    Duration turn() {
        if (batch.isEmpty() && !collect()) {
            return Duration.ZERO;
        }
        List<Outcome> outcomes = new ArrayList<>(batch.size());
        for (Finished one : batch) {
            outcomes.add(one.outcome());
        }
        boolean again = resending;
        resending = true;
        List<Settled> settled = session.settle(outcomes);
        resending = false;
        learn();
        List<Finished> refused = new ArrayList<>(0);
        for (int i = 0; i < settled.size(); i++) {
            Finished one = batch.get(i);
            switch (settled.get(i)) {
                case YES -> committed(one);
                case NOT_OURS -> gone(one, again);
                case REFUSED -> refused.add(one);
            }
        }
        outstanding.removeAll(settledClaims);
        settledClaims.clear();
        batch.clear();
        finished.addAll(refused);
        return refused.isEmpty() ? Duration.ZERO : REFUSED_PAUSE;
    }

    private boolean collect() {
        try {
            Finished first = finished.poll(1, TimeUnit.SECONDS);
            if (first != null) {
                batch.add(first);
                finished.drainTo(batch, MAX_BATCH - 1);
                batch.remove(WAKE_UP);
            }
            if (batch.isEmpty() && flushing) {
                stop();
            }
            return !batch.isEmpty();
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void learn() {
        long total = 0;
        int ran = 0;
        for (Finished one : batch) {
            if (one.ran()) {
                total += one.runTime().toNanos();
                ran++;
            }
        }
        pace.learn(total, ran);
    }

    private void committed(Finished one) {
        settledClaims.add(one.outcome().claim());
        one.meter().count(one);
        if (one.outcome() instanceof Outcome.Retry retry) {
            promoter.wakeWithin(retry.delay());
        } else if (one.outcome() instanceof Outcome.Deferred deferred) {
            promoter.wakeWithin(deferred.delay());
        }
    }

    private void gone(Finished one, boolean sentBefore) {
        settledClaims.add(one.outcome().claim());
        if (sentBefore) {
            // The first time may have done it, with only the reply lost.
            one.meter().count(one);
            return;
        }
        LOG.atWarn()
                .addKeyValue("task_id", one.outcome().claim().task().id())
                .log("outcome came too late: the task was taken back from this worker meanwhile");
    }
}
