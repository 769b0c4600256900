package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.Recovered;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes tasks back from workers that have been silent for longer than their lease. */
final class Reaper extends Role {

    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);

    private final BrokerSession session;
    private final WorkerMetrics.QueueMeter meter;
    private final Duration lease;

    Reaper(
            String worker,
            RoleFailures failures,
            BrokerSession session,
            WorkerMetrics.QueueMeter meter,
            Duration lease) {
        super("reaper", worker, failures);
        this.session = session;
        this.meter = meter;
        this.lease = lease;
    }

    @Override
    Duration turn() {
        Recovered recovered = session.recover();
        if (recovered.size() == 0) {
            for (String orphan : session.registerOrphans()) {
                LOG.atWarn()
                        .addKeyValue("from_worker", orphan)
                        .log(
                                "found a processing list whose worker is in no register; it is taken back after the lease");
            }
            session.expireLeftStatuses();
            // Jitter, so that the workers of a queue do not all look at the same moment.
            return lease.dividedBy(4).plusMillis(ThreadLocalRandom.current().nextLong(lease.toMillis() / 4));
        }
        meter.recovered(recovered.size(), recovered.deadIds().size());
        LOG.atWarn()
                .addKeyValue("from_worker", recovered.worker())
                .addKeyValue("task_ids", recovered.taskIds())
                .addKeyValue("dead_ids", recovered.deadIds())
                .log("took tasks back from a worker that fell silent");
        return Duration.ZERO;
    }
}
