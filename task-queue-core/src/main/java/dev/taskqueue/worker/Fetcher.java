package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims as many tasks as there are free seats, and hands them over: one seat a runner, and while tasks are short a few more,
 * as {@link Pace} says. Where nothing waits, it has an idle runner wait.
 */
final class Fetcher extends Role {

    private static final Logger LOG = LoggerFactory.getLogger(Fetcher.class);
    private static final Duration PATIENCE = Duration.ofMillis(200);
    private static final Duration PAUSED_POLL = Duration.ofMillis(500);
    private static final Duration DEFERRAL = Duration.ofSeconds(1);
    private static final long ADOPT_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    /** How many claims may wait for their outcome to be committed before nothing more is claimed. */
    private static final int MAX_UNSETTLED = 1_000;

    private final BrokerSession session;
    private final Heartbeat heartbeat;
    private final Outstanding outstanding;
    private final Crew crew;
    private final Settler settler;
    private final WorkerMetrics.QueueMeter meter;
    /** Claims whose idempotency locks have yet to be asked for; each holds a seat. */
    private final List<Claim> unlocked = new ArrayList<>();

    private long adoptAtNanos = System.nanoTime();

    Fetcher(
            String worker,
            Outage outage,
            BrokerSession session,
            Heartbeat heartbeat,
            Outstanding outstanding,
            Crew crew,
            Settler settler,
            WorkerMetrics.QueueMeter meter) {
        super("fetcher", worker, outage);
        this.session = session;
        this.heartbeat = heartbeat;
        this.outstanding = outstanding;
        this.crew = crew;
        this.settler = settler;
        this.meter = meter;
    }

    @Override
    Duration turn() {
        if (!heartbeat.isRegistered()) {
            return Duration.ofMillis(10);
        }
        if (!unlocked.isEmpty()) {
            lockAndHandOver();
        }
        if (System.nanoTime() - adoptAtNanos >= 0) {
            adopt();
        }
        if (!outstanding.awaitFewerThan(crew.size() + MAX_UNSETTLED, PATIENCE)) {
            crew.hurry();
            return Duration.ZERO;
        }
        int seats = takeSeats();
        return seats == 0 ? Duration.ZERO : claim(seats);
    }

    private int takeSeats() {
        try {
            return crew.takeSeats(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return 0;
        }
    }

    private Duration claim(int seats) {
        int unused = seats;
        try {
            BrokerSession.Claimed claimed = session.claim(seats);
            if (claimed.paused()) {
                return PAUSED_POLL;
            }
            if (claimed.claims().isEmpty() && claimed.malformed() == 0 && !isStopping()) {
                crew.freeSeats(seats - 1);
                unused = 1;
                IdleWait wait = new IdleWait(session, outstanding);
                crew.handOver(wait);
                IdleWait.Ended ended = wait.await();
                unused -= ended.kept() ? 1 : 0;
                claimed = ended.claimed();
            }
            unused -= claimed.claims().size();
            accept(claimed);
            return Duration.ZERO;
        } finally {
            crew.freeSeats(unused);
        }
    }

    private void accept(BrokerSession.Claimed claimed) {
        if (claimed.malformed() > 0) {
            meter.malformed(claimed.malformed());
        }
        if (claimed.claims().isEmpty()) {
            return;
        }
        outstanding.add(claimed.claims());
        List<Attempt> ready = new ArrayList<>(claimed.claims().size());
        for (Claim claim : claimed.claims()) {
            if (claim.task().idempotencyKey().isPresent()) {
                unlocked.add(claim);
            } else {
                ready.add(crew.attempt(claim));
            }
        }
        crew.handOver(ready);
        if (!unlocked.isEmpty()) {
            lockAndHandOver();
        }
    }

    private void lockAndHandOver() {
        List<BrokerSession.Lock> locks = session.begin(unlocked);
        List<Attempt> ready = new ArrayList<>(unlocked.size());
        int unused = 0;
        for (int i = 0; i < locks.size(); i++) {
            Claim claim = unlocked.get(i);
            if (locks.get(i) == BrokerSession.Lock.TAKEN) {
                ready.add(crew.attempt(claim));
                continue;
            }
            unused++;
            Outcome outcome = switch (locks.get(i)) {
                case BUSY -> new Outcome.Deferred(claim, DEFERRAL);
                default -> new Outcome.Duplicate(claim, locks.get(i) == BrokerSession.Lock.DONE_BY_ITSELF);
            };
            settler.add(Finished.without(outcome, crew.attempt(claim)));
        }
        unlocked.clear();
        crew.freeSeats(unused);
        crew.handOver(ready);
    }

    /** Takes up what a claim whose reply was lost left in the processing list. */
    private void adopt() {
        BrokerSession.Claimed adopted = session.adopt(outstanding.snapshot());
        adoptAtNanos = System.nanoTime() + ADOPT_EVERY_NANOS;
        if (!adopted.claims().isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("tasks", adopted.claims().size())
                    .log("took up tasks of claims whose reply was lost");
            // Their seats are owed: until so many runners have become idle, nothing is claimed.
            crew.oweSeats(adopted.claims().size());
        }
        accept(adopted);
    }

    @Override
    void failed() {
        // The request may have been carried out all the same.
        adoptAtNanos = System.nanoTime();
    }
}
