package dev.taskqueue.worker;

import dev.taskqueue.WorkerInfo;
import dev.taskqueue.broker.internal.BeatReport;
import dev.taskqueue.broker.internal.BrokerSession;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker tells of itself and of its tasks with each heartbeat of one queue. */
final class SelfReport {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final OutcomeTally.Snapshot NO_COUNTS = new OutcomeTally.Snapshot(List.of(), List.of(), 0);
    private static final int MAX_RUNNING = 1_000;

    private final WorkerContext context;
    private final String queue;
    private final BrokerSession session;
    private final OutcomeTally tally;
    private final List<String> types;
    private final String host = WorkerNames.host();
    private final long pid = ProcessHandle.current().pid();
    private final Optional<String> version =
            Optional.ofNullable(Worker.class.getPackage().getImplementationVersion());
    private final long madeNanos = System.nanoTime();
    private OutcomeTally.Snapshot counts = NO_COUNTS;
    private boolean complained;

    SelfReport(WorkerContext context, String queue, BrokerSession session, OutcomeTally tally) {
        this.context = context;
        this.queue = queue;
        this.session = session;
        this.tally = tally;
        types = context.handlers().keySet().stream().sorted().toList();
    }

    /** What to tell with the next heartbeat; to be called by one thread. */
    BeatReport next() {
        try {
            counts = tally.snapshot();
            return new BeatReport(details(), counts.counts(), counts.finished());
        } catch (OutOfMemoryError e) {
            // That the worker lives is worth more than what it has to say.
            return nothing();
        } catch (RuntimeException e) {
            if (!complained) {
                complained = true;
                LOG.atWarn()
                        .addKeyValue("queue", queue)
                        .setCause(e)
                        .log("cannot report what the worker does; heartbeats go on without it");
            }
            return nothing();
        }
    }

    private BeatReport nothing() {
        counts = NO_COUNTS;
        return BeatReport.NONE;
    }

    /** To be called by the same thread once it was told. */
    void told() {
        tally.told(counts);
    }

    /** What to tell as the worker leaves. */
    BeatReport last() {
        OutcomeTally.Snapshot rest = tally.snapshot();
        return new BeatReport(null, rest.counts(), rest.finished());
    }

    private WorkerInfo.Details details() {
        List<WorkerInfo.Running> running = new ArrayList<>();
        int busy = 0;
        for (Attempt attempt : context.pool().withAbandoned()) {
            if (attempt.queue().equals(queue)) {
                busy++;
                if (running.size() < MAX_RUNNING) {
                    running.add(running(attempt));
                }
            }
        }
        return new WorkerInfo.Details(
                host,
                pid,
                version,
                ago(System.nanoTime() - madeNanos),
                context.pool().size(),
                context.queues(),
                types,
                true,
                busy,
                running,
                context.quiet().mark());
    }

    private WorkerInfo.Running running(Attempt attempt) {
        // The worker's name stands at the end of those that were made here.
        String thread = attempt.thread().getName().replace("-" + context.worker(), "");
        return new WorkerInfo.Running(
                attempt.id(), attempt.type(), ago(attempt.runNanos()), thread, attempt.isGivenUp());
    }

    private Instant ago(long nanos) {
        return Instant.ofEpochMilli(session.now() - nanos / 1_000_000);
    }
}
