package dev.taskqueue.worker;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a worker does for one queue: it claims, settles, beats, promotes and reaps, each in a role of its own, through one
 * session. The threads for handlers, the slots and the time limits are one for the whole worker, and are not here.
 */
final class QueueRoles implements AutoCloseable {

    private final BrokerSession session;
    private final UnsettledClaims unsettled = new UnsettledClaims();
    private final Headway headway;
    private final Heartbeat heartbeat;
    private final Settler settler;
    private final Fetcher fetcher;
    private final WorkerMetrics.QueueMeter meter;
    private final List<Role> all;

    /**
     * @param handlers handlers by type
     */
    QueueRoles(
            String worker,
            RedisBroker broker,
            RunnerPool pool,
            Map<String, TaskHandler> handlers,
            RetryPolicy retryPolicy,
            Duration lease,
            WorkerMetrics metrics,
            Listeners listeners,
            RoleFailures failures,
            Timings timings) {
        BrokerEngine engine = BrokerEngine.of(broker);
        session = engine.session(worker, lease);
        meter = metrics.queue(broker);
        headway = new Headway(unsettled, pool);
        heartbeat = new Heartbeat(worker, failures, session, lease, headway);
        Promoter promoter = new Promoter(worker, failures, session);
        settler = new Settler(worker, failures, session, unsettled, promoter, pool.prefetch(), listeners);
        ServedQueue queue = new ServedQueue(
                engine.queue(),
                session,
                engine.json(),
                handlers,
                listeners,
                new OutcomeClassifier(retryPolicy, engine.limits().tracksStatus(), engine.json()),
                heartbeat,
                settler,
                meter);
        Admission admission = new Admission(session, unsettled, queue, settler, pool);
        Trial trial = new Trial(session, heartbeat, headway, unsettled, admission, pool);
        fetcher = new Fetcher(worker, failures, session, heartbeat, unsettled, queue, admission, trial, pool, timings);
        Reaper reaper = new Reaper(worker, failures, session, heartbeat, engine.queue(), listeners, lease);
        RunningStatuses statuses = new RunningStatuses(worker, failures, session, pool);
        all = List.of(heartbeat, settler, promoter, reaper, statuses, fetcher);
    }

    /** In the order in which to start them. */
    List<Role> all() {
        return all;
    }

    BrokerSession session() {
        return session;
    }

    UnsettledClaims unsettled() {
        return unsettled;
    }

    Heartbeat heartbeat() {
        return heartbeat;
    }

    Fetcher fetcher() {
        return fetcher;
    }

    Settler settler() {
        return settler;
    }

    Headway headway() {
        return headway;
    }

    /** Stops the reading of the queue's depth; the roles are to be stopped before. */
    @Override
    public void close() {
        meter.close();
    }
}
