package dev.taskqueue.worker;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskOptions;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.ClaimBatch;
import dev.taskqueue.broker.internal.Lock;
import dev.taskqueue.broker.internal.Outcome;
import dev.taskqueue.broker.internal.Parking;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides of each claim whether it may start: the one place for that. It takes a claim over together with its slot, and
 * passes both on to the runners, or settles the claim and frees the slot. What cannot be decided, as Redis is away, waits
 * here. Not thread-safe, but for {@link #mayStartAtOnce}.
 */
final class Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int MOST_REPORTED = 100;

    private static final Duration DEFERRAL = Duration.ofSeconds(1);

    /** After so many failures of a group each claim is asked for alone, so that one cannot hold up the others. */
    private static final int FAILURES_OF_A_GROUP = 2;

    private final BrokerSession session;
    private final UnsettledClaims unsettled;
    private final ServedQueue queue;
    private final Settler settler;
    private final RunQueue runQueue;
    private final QueueSlots slots;
    /** Claims whose tasks may be cancelled, of which Redis must be asked before anything else. */
    private final ArrayDeque<Claim> perhapsCancelled = new ArrayDeque<>();
    /** Claims of which Redis must be asked. */
    private final ArrayDeque<Claim> undecided = new ArrayDeque<>();
    /** Attempts that may start and that the runners do not have yet. */
    private final List<Attempt> admitted = new ArrayList<>();

    private int failures;

    /** The types that the log has been told of. */
    private final Set<String> reported = new HashSet<>();

    Admission(BrokerSession session, UnsettledClaims unsettled, ServedQueue queue, Settler settler, RunnerPool pool) {
        this.session = session;
        this.unsettled = unsettled;
        this.queue = queue;
        this.settler = settler;
        runQueue = pool.queue();
        slots = queue.slots();
    }

    /** Whether what a wait brought is one claim that may start at once, so that who waited may run it. */
    static boolean mayStartAtOnce(ClaimBatch claimed, ServedQueue queue) {
        if (claimed.claims().size() != 1 || claimed.paused() || claimed.anyCancelled()) {
            return false;
        }
        Claim claim = claimed.claims().get(0);
        TaskOptions options = claim.task().options();
        return !mustAsk(claim) && queue.knows(claim) && options.runAt() == null && options.expiresAt() == null;
    }

    /** Whether Redis must be asked before this claim may start. */
    private static boolean mustAsk(Claim claim) {
        return BrokerSession.mustBegin(claim);
    }

    /** Takes claims over, each with a slot, and decides on them and on those that wait. */
    void add(ClaimBatch claimed) {
        List<Claim> claims = claimed.claims();
        int taken = 0;
        try {
            for (Claim claim : claims) {
                add(claim, claimed);
                taken++;
            }
        } finally {
            // No memory for the rest: they lie in the processing list, where they are found again.
            slots.free(claims.size() - taken);
        }
        decide();
    }

    private void add(Claim claim, ClaimBatch batch) {
        unsettled.add(claim);
        try {
            if (batch.anyCancelled() && !batch.paused()) {
                perhapsCancelled.add(claim);
            } else {
                sort(claim, batch.paused());
            }
        } catch (Throwable t) {
            unsettled.remove(claim);
            throw t;
        }
    }

    /** Sends a claim where it belongs that is not cancelled as far as is known. */
    private void sort(Claim claim, boolean paused) {
        Outcome untimely = untimely(claim);
        if (untimely != null) {
            // While the queue is paused, too: what is not due must not lie in the way of what is.
            refuse(queue.attempt(claim), untimely);
        } else if (paused) {
            refuse(queue.attempt(claim), new Outcome.Released(claim));
        } else if (!queue.knows(claim)) {
            refuse(queue.attempt(claim), unknown(claim));
        } else if (mustAsk(claim)) {
            undecided.add(claim);
        } else {
            admitted.add(queue.attempt(claim));
        }
    }

    /** What becomes of a task whose time has not come, or is over; null of any other. */
    private @Nullable Outcome untimely(Claim claim) {
        if (queue.isExpired(claim)) {
            return new Outcome.Expired(claim);
        }
        Instant runAt = claim.task().options().runAt();
        return runAt != null && runAt.toEpochMilli() > session.now() ? new Outcome.NotDue(claim) : null;
    }

    /** What becomes of a task whose type this worker does not know: another may, or will after its next deployment. */
    private Outcome unknown(Claim claim) {
        Task task = claim.task();
        Duration grace = queue.unknownTypeGrace();
        long now = session.now();
        Instant since = Parking.since(task).orElse(Instant.ofEpochMilli(now));
        if (since.plus(grace).toEpochMilli() > now) {
            if (reported.size() < MOST_REPORTED && reported.add(task.type())) {
                LOG.atWarn()
                        .addKeyValue("type", task.type())
                        .addKeyValue("queue", queue.name())
                        .log("no handler for this type; parking its tasks for workers that have one");
            }
            return new Outcome.Parked(claim);
        }
        String reason = "no worker of queue " + queue.name() + " has handled type \"" + task.type() + "\" within "
                + grace.toSeconds() + " s";
        return new Outcome.Dead(
                claim,
                task.withLastError("no handler for type \"" + task.type() + "\" in queue " + queue.name()),
                reason,
                Duration.ZERO);
    }

    /** Moves all that the runners do not have yet to a list, each with its slot. */
    void moveTo(ArrayList<Attempt> list) {
        list.ensureCapacity(list.size() + admitted.size() + undecided.size() + perhapsCancelled.size());
        list.addAll(admitted);
        admitted.clear();
        while (!perhapsCancelled.isEmpty()) {
            list.add(queue.attempt(perhapsCancelled.peek()));
            perhapsCancelled.poll();
        }
        while (!undecided.isEmpty()) {
            list.add(queue.attempt(undecided.peek()));
            undecided.poll();
        }
    }

    /** Decides on what waits, if anything does. */
    void decide() {
        passOn();
        sortOutCancelled();
        passOn();
        while (!undecided.isEmpty()) {
            List<Claim> asked = failures < FAILURES_OF_A_GROUP ? List.copyOf(undecided) : List.of(undecided.peek());
            List<Lock> locks;
            try {
                locks = session.begin(asked, unsettled::snapshot);
            } catch (BrokerUnavailableException | BrokerRejectedException e) {
                failures++;
                if (asked.size() == 1) {
                    // Another one first the next time: the refusal may be due to this one alone.
                    undecided.add(undecided.poll());
                }
                throw e;
            } catch (RuntimeException e) {
                failures++;
                if (asked.size() == 1) {
                    undecided.poll();
                    bury(asked.get(0), e.getClass().getName(), "cannot be admitted");
                }
                throw e;
            }
            failures = 0;
            settleOrAdmit(locks);
            passOn();
        }
    }

    private void sortOutCancelled() {
        if (perhapsCancelled.isEmpty()) {
            return;
        }
        session.findCancelled(perhapsCancelled);
        for (Claim claim = perhapsCancelled.peek(); claim != null; claim = perhapsCancelled.peek()) {
            if (claim.cancelReason() != null) {
                refuse(queue.attempt(claim), new Outcome.Cancelled(claim, false, Duration.ZERO));
            } else {
                sort(claim, false);
            }
            perhapsCancelled.poll();
        }
    }

    private void settleOrAdmit(List<Lock> locks) {
        Iterator<Lock> answers = locks.iterator();
        while (answers.hasNext()) {
            Lock lock = answers.next();
            Claim claim = undecided.peek();
            Attempt attempt = queue.attempt(claim);
            switch (lock) {
                case TAKEN -> admitted.add(attempt);
                case BUSY -> refuse(attempt, new Outcome.Deferred(claim, DEFERRAL));
                case GONE -> refuse(attempt, new Outcome.Released(claim));
                case UNIQUE_UNUSABLE -> bury(claim, "its unique key holds something else", "unique key unusable");
                case UNUSABLE -> bury(claim, "its idempotency key holds what is no lock", "idempotency key unusable");
                default -> refuse(attempt, new Outcome.Duplicate(claim, lock == Lock.DONE_BY_ITSELF));
            }
            undecided.poll();
        }
    }

    private void refuse(Attempt attempt, Outcome outcome) {
        settler.add(CompletedAttempt.notRun(outcome, attempt));
        slots.free(1);
    }

    private void bury(Claim claim, String error, String reason) {
        refuse(queue.attempt(claim), new Outcome.Dead(claim, claim.task().withLastError(error), reason, Duration.ZERO));
    }

    private void passOn() {
        if (!admitted.isEmpty()) {
            runQueue.put(admitted, slots.prefetch());
            admitted.clear();
        }
    }
}
