package dev.taskqueue.worker;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker does for one queue: it claims, settles, beats, promotes and reaps, each in a role of its own, through one
 * session. The threads for handlers, the slots and the time limits are one for the whole worker, and are not here; nor are
 * the threads of the roles, see {@link WorkerRoles}.
 */
final class QueueRoles implements AutoCloseable {

    private final String name;
    private final BrokerSession session;
    private final UnsettledClaims unsettled = new UnsettledClaims();
    private final Headway headway;
    private final Heartbeat heartbeat;
    private final Settler settler;
    private final Promoter promoter;
    private final Reaper reaper;
    private final RunningStatuses statuses;
    private final Fetcher fetcher;
    private final PauseGate gate;
    private final SelfReport report;
    private final WorkerMetrics.QueueMeter meter;

    /** For the only queue of a worker. */
    QueueRoles(WorkerContext context, RedisBroker broker) {
        this(context, broker, new QueueSlots(context.pool()), null);
    }

    /** For one of several queues. */
    QueueRoles(WorkerContext context, RedisBroker broker, QueueShare share, SlotSharing sharing) {
        this(context, broker, new SharedSlots(context.pool(), sharing, share.weight(), share.maxThreads()), sharing);
    }

    /**
     * @param sharing what shares the slots among several queues; null for the only one
     */
    private QueueRoles(WorkerContext context, RedisBroker broker, QueueSlots slots, @Nullable SlotSharing sharing) {
        BrokerEngine engine = BrokerEngine.of(broker);
        RunnerPool pool = context.pool();
        Listeners listeners = context.listeners();
        name = engine.queue();
        session = engine.session(context.worker(), context.lease());
        session.know(context.handlers().keySet(), context.unknownTypeGrace());
        session.boundDead(context.deadMax(), context.deadTtl());
        meter = context.metrics().queue(broker);
        QueueFailures failures = new QueueFailures(context.failures(), name, sharing != null);
        headway = new Headway(unsettled, pool, slots);
        gate = new PauseGate();
        context.quiet().add(gate);
        OutcomeTally tally = new OutcomeTally(context.handlers().keySet(), session::now);
        report = new SelfReport(context, name, session, tally);
        Cancellations cancellations = new Cancellations(session, unsettled, pool);
        heartbeat = new Heartbeat(failures, session, context.lease(), headway, cancellations, gate, report);
        // Nobody shall take for quiet for long who no longer is.
        context.quiet().onChange(() -> heartbeat.wakeWithin(Duration.ZERO));
        promoter = new Promoter(
                failures,
                session,
                cancellations,
                gate,
                slots instanceof SharedSlots shared ? () -> sharing.tasksWait(shared) : null);
        settler = new Settler(
                failures, session, unsettled, promoter, slots.prefetch(), listeners, tally, sharing == null);
        ServedQueue queue = new ServedQueue(
                name,
                session,
                engine::json,
                context.handlers(),
                listeners,
                new OutcomeClassifier(
                        context.retryPolicy(), engine.limits().tracksStatus(), new ResultWriter(engine::json)),
                heartbeat,
                settler,
                meter,
                slots,
                gate,
                context.quiet(),
                context.unknownTypeGrace());
        Admission admission = new Admission(session, unsettled, queue, settler, pool);
        Trial trial = new Trial(session, heartbeat, unsettled, admission, slots, pool);
        fetcher = slots instanceof SharedSlots shared
                ? new SharedFetcher(
                        failures,
                        session,
                        heartbeat,
                        unsettled,
                        queue,
                        admission,
                        trial,
                        pool,
                        context.timings(),
                        sharing,
                        shared)
                : new Fetcher(
                        failures, session, heartbeat, unsettled, queue, admission, trial, pool, context.timings());
        gate.onClose(() -> {
            // No runner may be free for it, and the fetcher waits for its end.
            pool.queue().cancelWaits(queue);
            fetcher.wakeWithin(Duration.ZERO);
        });
        reaper = new Reaper(failures, session, heartbeat, name, listeners, context.lease());
        statuses = new RunningStatuses(failures, session, pool, queue);
    }

    String name() {
        return name;
    }

    /** In the order in which to start them. */
    List<Role> all() {
        return List.of(heartbeat, settler, promoter, reaper, statuses, fetcher);
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

    SelfReport report() {
        return report;
    }

    PauseGate gate() {
        return gate;
    }

    /** Stops the reading of the queue's depth; the roles are to be stopped before. */
    @Override
    public void close() {
        meter.close();
    }
}
