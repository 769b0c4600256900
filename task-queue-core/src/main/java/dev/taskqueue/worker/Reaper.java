package dev.taskqueue.worker;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Recovered;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes tasks back from workers that have been silent for longer than their lease. */
final class Reaper extends Role {

    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);

    private static final int TURNS_A_LEASE = 5;

    private final BrokerSession session;
    private final Heartbeat heartbeat;
    private final String queue;
    private final Listeners listeners;
    private final Duration lease;
    private int turns;
    private boolean recovering;

    Reaper(
            QueueFailures failures,
            BrokerSession session,
            Heartbeat heartbeat,
            String queue,
            Listeners listeners,
            Duration lease) {
        super("reaper", failures);
        this.session = session;
        this.heartbeat = heartbeat;
        this.queue = queue;
        this.listeners = listeners;
        this.lease = lease;
    }

    @Override
    Duration turn() {
        if (!heartbeat.mayClaim()) {
            return lease.dividedBy(16);
        }
        Recovered recovered = recover();
        if (recovered.size() == 0) {
            scan();
            // Jitter, so that the workers of a queue do not all look at the same moment; no pause is longer than what
            // one
            // visit may add to a silence.
            return lease.multipliedBy(3)
                    .dividedBy(16)
                    .plusMillis(ThreadLocalRandom.current().nextLong(lease.toMillis() / 16));
        }
        listeners.tell(listener ->
                listener.tasksRecovered(queue, recovered.worker(), recovered.taskIds(), recovered.deadIds()));
        return Duration.ZERO;
    }

    private Recovered recover() {
        try {
            // While there is something to take back, or it failed, it goes on; else many reapers share one look.
            boolean goesOn = recovering;
            recovering = true;
            Recovered recovered = goesOn ? session.recover() : session.recoverUnlessLately();
            recovering = recovered.size() > 0;
            return recovered;
        } catch (BrokerUnavailableException | BrokerRejectedException e) {
            // It may fail for one worker's list alone, for ever.
            scan();
            throw e;
        }
    }

    private void scan() {
        for (String orphan : session.registerOrphans()) {
            LOG.atWarn()
                    .addKeyValue("from_worker", orphan)
                    .log("orphaned processing list; will be recovered after the lease");
        }
        if (turns++ % TURNS_A_LEASE == 0) {
            session.expireLeftStatuses();
        }
        long trimmed = session.trimDead();
        if (trimmed > 0) {
            listeners.tell(listener -> listener.deadLettersTrimmed(queue, trimmed));
        }
    }
}
