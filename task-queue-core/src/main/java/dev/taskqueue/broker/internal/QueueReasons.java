package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Explanation.Reason;
import dev.taskqueue.QueuePause;
import dev.taskqueue.QueueStats;
import dev.taskqueue.WorkerInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What keeps tasks of a queue from being run whatever they are: a pause, and that no worker lives that takes them. */
record QueueReasons(QueueStats stats, List<WorkerInfo> workers, Instant now) {

    /** How many types one sentence names. */
    private static final int NAMED = 10;

    static QueueReasons at(QueueContext context, String queue, Instant now) {
        QueueStats stats = new Inspection(context, queue).stats();
        List<WorkerInfo> workers;
        try {
            workers = new WorkerReader(context, queue).all();
        } catch (BrokerUnavailableException e) {
            if (!ErrorCode.isOfWrongType(e)) {
                throw e;
            }
            workers = List.of();
        }
        return new QueueReasons(stats, workers, now);
    }

    private List<WorkerInfo> living() {
        return workers.stream().filter(worker -> !worker.silent()).toList();
    }

    Optional<WorkerInfo> worker(String name) {
        return workers.stream().filter(worker -> worker.name().equals(name)).findFirst();
    }

    /**
     * @param type the task's type; empty text if it is not known
     */
    List<Reason> of(String type) {
        List<Reason> reasons = new ArrayList<>();
        stats.pause().ifPresent(pause -> reasons.add(paused(pause)));
        List<WorkerInfo> living = living();
        if (stats.workers() == 0) {
            reasons.add(new Reason(
                    Code.NO_WORKERS,
                    "No worker of the queue lives: none has beaten within two leases.",
                    "Start one with QUEUE_NAME=" + Wording.argument(stats.queue())
                            + "; if one runs, its /readyz and its log say what keeps it."));
        } else if (!living.isEmpty()
                && living.stream().noneMatch(worker -> worker.mayHandle(type))
                && !type.isEmpty()) {
            reasons.add(new Reason(
                    Code.NO_HANDLER,
                    "No live worker handles its type " + Wording.quote(type) + "; " + handled()
                            + ". The one that takes it parks it.",
                    "Deploy a worker with a handler for " + Wording.quote(type) + "."));
        }
        if (!living.isEmpty()
                && living.stream().allMatch(worker -> worker.quiet().isPresent())) {
            reasons.add(new Reason(
                    Code.WORKERS_QUIET,
                    "All live workers are quiet, and take nothing new: "
                            + Wording.line(living.get(0).quiet().orElseThrow().describe()) + ".",
                    "client.jar quiet --off --all --queue " + Wording.argument(stats.queue())
                            + " has them take tasks again."));
        }
        return reasons;
    }

    /** What the threads of those that live do; empty where nobody tells. */
    String threads() {
        List<WorkerInfo.Details> details =
                living().stream().flatMap(worker -> worker.details().stream()).toList();
        long threads = details.stream().mapToLong(WorkerInfo.Details::threads).sum();
        long busy = details.stream().mapToLong(WorkerInfo.Details::busy).sum();
        return threads == 0
                ? ""
                : Wording.number(busy) + " of " + Wording.count(threads, "thread") + " of "
                        + Wording.count(details.size(), "worker") + " " + (busy == 1 ? "runs" : "run")
                        + " tasks of this queue.";
    }

    /** Which types those that live handle, as far as they tell. */
    String handled() {
        TreeSet<String> types = new TreeSet<>();
        living().forEach(worker -> worker.details().ifPresent(known -> types.addAll(known.types())));
        return types.isEmpty()
                ? "they handle none"
                : "they handle "
                        + types.stream().limit(NAMED).map(Wording::quote).collect(Collectors.joining(", "))
                        + (types.size() > NAMED ? " and " + (types.size() - NAMED) + " more" : "");
    }

    private Reason paused(QueuePause pause) {
        return new Reason(
                Code.PAUSED,
                "The queue is paused"
                        + pause.by().map(by -> " by " + Wording.line(by)).orElse("")
                        + pause.since()
                                .map(since -> " since " + Wording.at(since, now))
                                .orElse("")
                        + pause.until()
                                .map(until -> " until " + Wording.at(until, now))
                                .orElse(" until it is resumed")
                        + pause.reason()
                                .map(reason -> ", with the reason " + Wording.quote(reason))
                                .orElse("")
                        + ".",
                "client.jar resume --queue " + Wording.argument(stats.queue()) + " ends the pause.");
    }
}
