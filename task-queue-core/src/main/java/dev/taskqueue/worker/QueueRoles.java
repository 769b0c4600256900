package dev.taskqueue.worker;

import dev.taskqueue.broker.BrokerSession;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

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
            RoleFailures failures,
            Timings timings) {
        session = broker.session(worker, lease);
        meter = metrics.queue(broker);
        headway = new Headway(unsettled, pool);
        heartbeat = new Heartbeat(worker, failures, session, lease, headway);
        Promoter promoter = new Promoter(worker, failures, session);
        settler = new Settler(worker, failures, session, unsettled, promoter, pool.prefetch());
        ServedQueue queue = new ServedQueue(
                registrations(handlers, metrics),
                new OutcomeClassifier(retryPolicy, broker.tracksStatus()),
                heartbeat,
                settler,
                meter);
        Admission admission = new Admission(session, unsettled, queue, settler, pool);
        Trial trial = new Trial(session, heartbeat, headway, unsettled, admission, pool);
        fetcher = new Fetcher(worker, failures, session, heartbeat, unsettled, queue, admission, trial, pool, timings);
        Reaper reaper = new Reaper(worker, failures, session, heartbeat, meter, lease);
        RunningStatuses statuses = new RunningStatuses(worker, failures, session, pool);
        all = List.of(heartbeat, settler, promoter, reaper, statuses, fetcher);
    }

    private static Function<String, Registration> registrations(
            Map<String, TaskHandler> handlers, WorkerMetrics metrics) {
        Map<String, Registration> byType = new HashMap<>();
        handlers.forEach((type, handler) -> byType.put(type, new Registration(handler, metrics.type(type))));
        Registration unknown = new Registration(null, metrics.type(WorkerMetrics.UNKNOWN_TYPE));
        return type -> byType.getOrDefault(type, unknown);
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
