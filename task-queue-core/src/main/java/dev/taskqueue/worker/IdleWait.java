package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.BrokerSession.Claimed;
import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.RedisBroker;
import java.util.List;
import java.util.Optional;
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

    private final BrokerSession session;
    private final Outstanding outstanding;
    private final CompletableFuture<Ended> ended = new CompletableFuture<>();

    IdleWait(BrokerSession session, Outstanding outstanding) {
        this.session = session;
        this.outstanding = outstanding;
    }

    /** Waits; returns a claim for the calling runner to run, if there is one that needs nothing but running. */
    Optional<Claim> perform() {
        try {
            Claimed claimed = session.awaitClaim(RedisBroker.LONGEST_WAIT);
            if (claimed.claims().size() == 1
                    && claimed.claims().get(0).task().idempotencyKey().isEmpty()) {
                outstanding.add(claimed.claims());
                ended.complete(new Ended(NOTHING, true));
                return Optional.of(claimed.claims().get(0));
            }
            ended.complete(new Ended(claimed, false));
        } catch (RuntimeException | Error e) {
            // The fetcher's to deal with, as if it had waited itself.
            ended.completeExceptionally(e);
        }
        return Optional.empty();
    }

    /** Ends it before any runner has begun. */
    void cancel() {
        ended.complete(new Ended(NOTHING, false));
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
            throw e;
        }
    }
}
