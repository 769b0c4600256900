package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.Outcome;
import dev.taskqueue.broker.internal.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits outcomes by group: whatever finished while the last round trip was under way goes with the next. What Redis did
 * not answer is kept and sent again; sending twice changes nothing. What fails as a group is then sent one by one, so that
 * one outcome that cannot be committed holds up no other, see {@link Suspects}.
 */
final class Settler extends Role {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int MAX_BATCH = 200;
    /** No outcome: only ends the wait for one. */
    private static final CompletedAttempt WAKE_UP = new CompletedAttempt(null, null, null, false, Duration.ZERO);

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration SUSPECTS_PATIENCE = Duration.ofMillis(100);
    private static final Duration REFUSED_PAUSE = Duration.ofMillis(500);

    /** After so many failures of the same group it is sent one by one. */
    private static final int FAILURES_OF_A_GROUP = 3;

    private final BrokerSession session;
    private final UnsettledClaims unsettled;
    private final Promoter promoter;
    private final Prefetch prefetch;
    private final Listeners listeners;
    private final OutcomeTally tally;
    private final BlockingQueue<CompletedAttempt> completed = new LinkedBlockingQueue<>();
    private final List<Claim> settledClaims = new ArrayList<>(MAX_BATCH);
    private final List<CompletedAttempt> batch = new ArrayList<>(MAX_BATCH);
    private final Suspects suspects = new Suspects();
    /** How many of the batch have been dealt with, so that none is counted twice where the rest fails. */
    private int ended;

    private int batchFailures;
    private volatile boolean flushing;
    /** Whether its thread is its own: then a turn may wait for outcomes. */
    private final boolean alone;
    /** Whether the next outcome has to wake this role, where it is not alone. */
    private final AtomicBoolean awaited = new AtomicBoolean();

    Settler(
            QueueFailures failures,
            BrokerSession session,
            UnsettledClaims unsettled,
            Promoter promoter,
            Prefetch prefetch,
            Listeners listeners,
            OutcomeTally tally,
            boolean alone) {
        super("settler", failures);
        this.session = session;
        this.unsettled = unsettled;
        this.promoter = promoter;
        this.prefetch = prefetch;
        this.listeners = listeners;
        this.tally = tally;
        this.alone = alone;
    }

    void add(CompletedAttempt one) {
        completed.add(one);
        if (!alone && awaited.compareAndSet(true, false)) {
            wakeWithin(Duration.ZERO);
        }
    }

    /** Ends the thread once everything is committed; {@link #stop} ends it at once. */
    void stopWhenDone() {
        flushing = true;
        add(WAKE_UP);
    }

    /** Why some outcomes cannot be committed although others can; empty where none is held up. */
    Optional<String> heldUp() {
        return suspects.reason();
    }

    @Override
    Duration turn() {
        suspects.commitDue();
        if (batch.isEmpty() && !collect()) {
            return alone ? Duration.ZERO : patience();
        }
        try {
            List<Settled> settled = session.settle(outcomes(batch));
            learn();
            return end(settled);
        } catch (Throwable t) {
            if (++batchFailures >= FAILURES_OF_A_GROUP) {
                suspects.addAll(batch.subList(ended, batch.size()));
                clear();
            }
            throw t;
        }
    }

    private Duration end(List<Settled> settled) {
        boolean again = batchFailures > 0;
        int refused = 0;
        while (ended < batch.size()) {
            if (settled.get(ended) == Settled.REFUSED) {
                completed.add(batch.get(ended));
                refused++;
            } else {
                end(batch.get(ended), settled.get(ended), again);
            }
            ended++;
        }
        clear();
        return refused == 0 ? Duration.ZERO : REFUSED_PAUSE;
    }

    private void clear() {
        batch.clear();
        ended = 0;
        batchFailures = 0;
        unsettled.removeAll(settledClaims);
        settledClaims.clear();
    }

    private static List<Outcome> outcomes(List<CompletedAttempt> attempts) {
        List<Outcome> outcomes = new ArrayList<>(attempts.size());
        for (CompletedAttempt one : attempts) {
            outcomes.add(one.outcome());
        }
        return outcomes;
    }

    private Duration patience() {
        return suspects.isEmpty() ? PATIENCE : SUSPECTS_PATIENCE;
    }

    private boolean collect() {
        try {
            // In this order: what is added after the look wakes the role, which has more turns then.
            awaited.set(true);
            CompletedAttempt first =
                    alone ? completed.poll(patience().toMillis(), TimeUnit.MILLISECONDS) : completed.poll();
            if (first != null) {
                batch.add(first);
                completed.drainTo(batch, MAX_BATCH - 1);
                removeWakeUp();
            }
            if (batch.isEmpty() && flushing && suspects.isEmpty()) {
                stop();
            }
            return !batch.isEmpty();
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** By identity: what a record's equals needs cannot always be had where a handler has eaten up the heap. */
    private void removeWakeUp() {
        for (int i = batch.size() - 1; i >= 0; i--) {
            if (batch.get(i) == WAKE_UP) {
                batch.remove(i);
            }
        }
    }

    private void learn() {
        long total = 0;
        int ran = 0;
        for (CompletedAttempt one : batch) {
            if (one.ran()) {
                total += one.runTime().toNanos();
                ran++;
            }
        }
        prefetch.learn(total, ran);
    }

    /**
     * @param sentBefore whether the same was sent before, and may have been carried out with only the reply lost
     */
    private void end(CompletedAttempt one, Settled settled, boolean sentBefore) {
        settledClaims.add(one.claim());
        if (settled == Settled.YES) {
            tell(one);
            if (one.outcome() instanceof Outcome.Retry retry) {
                promoter.wakeWithin(retry.delay());
            } else if (one.outcome() instanceof Outcome.Deferred deferred) {
                promoter.wakeWithin(deferred.delay());
            } else if (one.outcome() instanceof Outcome.NotDue) {
                // At once: others may have been put beside it that are due before it.
                promoter.wakeWithin(Duration.ZERO);
            }
        } else if (settled == Settled.CANCELLED) {
            tell(one.asCancelled());
        } else if (sentBefore) {
            tell(one.isCancelledFailure() ? one.asCancelled() : one);
        } else {
            LOG.atWarn()
                    .addKeyValue("task_id", one.claim().task().id())
                    .log("outcome discarded: the task was recovered from this worker meanwhile");
        }
    }

    private void tell(CompletedAttempt one) {
        tally.add(one);
        listeners.tell(one);
    }

    /**
     * Outcomes of groups that failed, each committed alone from then on.
     */
    private final class Suspects {

        private static final long PAUSE_NANOS = 500_000_000;

        private final List<CompletedAttempt> waiting = new ArrayList<>();
        private volatile String lastFailure;
        private volatile int count;
        private long notBeforeNanos;
        private int next;

        void addAll(List<CompletedAttempt> attempts) {
            waiting.addAll(attempts);
            count = waiting.size();
            notBeforeNanos = System.nanoTime();
        }

        boolean isEmpty() {
            return count == 0;
        }

        Optional<String> reason() {
            int held = count;
            return held == 0
                    ? Optional.empty()
                    : Optional.of(held + " outcomes cannot be committed, lately for " + lastFailure);
        }

        /** Commits what can be; after a failure the others have their turn first, and that a while later. */
        void commitDue() {
            while (count > 0 && System.nanoTime() - notBeforeNanos >= 0) {
                next %= waiting.size();
                CompletedAttempt suspect = waiting.get(next);
                try {
                    Settled settled = session.settle(List.of(suspect.outcome())).get(0);
                    if (settled == Settled.REFUSED) {
                        later("a key of a wrong type");
                        continue;
                    }
                    end(suspect, settled, true);
                    waiting.remove(next);
                    count = waiting.size();
                    unsettled.removeAll(settledClaims);
                    settledClaims.clear();
                } catch (RuntimeException | Error e) {
                    later(e.getClass().getSimpleName());
                }
            }
        }

        private void later(String failure) {
            next++;
            lastFailure = failure;
            notBeforeNanos = System.nanoTime() + PAUSE_NANOS;
        }
    }
}
