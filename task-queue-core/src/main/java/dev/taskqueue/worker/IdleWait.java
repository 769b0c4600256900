package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.BrokerSession.Claimed;
import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.RedisBroker;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One wait for a task on an empty queue, done by the thread that will run it: to wake another thread first takes as long as
 * the whole way through Redis. The fetcher waits for it to end, so that at any time only one of the two claims.
 */
final class IdleWait implements Work {

    /** How a wait ended: with what the fetcher has yet to take care of, and whether a runner kept a claim for itself. */
    record Ended(Claimed claimed, boolean kept) {}

    private static final Claimed NOTHING = new Claimed(List.of(), 0, false);
    private static final Ended NOTHING_KEPT = new Ended(NOTHING, false);
    private static final Ended KEPT = new Ended(NOTHING, true);

    private final BrokerSession session;
    private final UnsettledClaims unsettled;
    private final ServedQueue queue;
    private final CompletableFuture<Ended> ended = new CompletableFuture<>();

    IdleWait(BrokerSession session, UnsettledClaims unsettled, ServedQueue queue) {
        this.session = session;
        this.unsettled = unsettled;
        this.queue = queue;
    }

    /** Waits; returns an attempt for the calling runner to run, with its slot, or null where there is none. */
    Attempt perform() {
        try {
            Claimed claimed = session.awaitClaim(RedisBroker.LONGEST_WAIT);
            if (claimed.claims().size() != 1
                    || Admission.mustAsk(claimed.claims().get(0))) {
                ended.complete(new Ended(claimed, false));
                return null;
            }
            Claim claim = claimed.claims().get(0);
            Attempt attempt = queue.attempt(claim);
            unsettled.add(claim);
            ended.complete(KEPT);
            return attempt;
        } catch (RuntimeException | Error e) {
            // The fetcher's to deal with, as if it had waited itself.
            ended.completeExceptionally(e);
            return null;
        }
    }

    /** Ends it before any runner has begun. */
    void cancel() {
        ended.complete(NOTHING_KEPT);
    }

    /**
     * Waits for the end; to be called by the fetcher.
     *
     * @throws dev.taskqueue.BrokerUnavailableException if the wait failed
     */
    Ended await() {
        try {
            return ended.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }
}
