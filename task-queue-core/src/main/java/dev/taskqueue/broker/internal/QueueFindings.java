package dev.taskqueue.broker.internal;

import dev.taskqueue.Finding;
import dev.taskqueue.Finding.Code;
import dev.taskqueue.Finding.Severity;
import dev.taskqueue.QueuePause;
import dev.taskqueue.QueueStats;
import dev.taskqueue.WorkerInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What is wrong with one queue. Not thread-safe. */
final class QueueFindings {

    /** A deployment or a migration pauses for minutes; what lasts longer was often forgotten. */
    private static final Duration LONG_PAUSE = Duration.ofHours(1);

    /** Of several hundred tasks or of many seconds each; what waits longer misses what most people expect of "soon". */
    private static final Duration LONG_WAIT = Duration.ofMinutes(5);

    /** A second matters to nobody, two are what NTP does not let pass; times that producers write are off by it. */
    private static final Duration SKEW = Duration.ofSeconds(2);

    /** How many workers, types or schedules one sentence names. */
    private static final int NAMED = 5;

    private final QueueContext context;
    private final String queue;
    private final List<Finding> findings = new ArrayList<>();

    QueueFindings(QueueContext context, String queue) {
        this.context = context;
        this.queue = queue;
    }

    List<Finding> all() {
        QueueStats stats = new Inspection(context, queue).stats();
        List<WorkerInfo> workers = new WorkerReader(context, queue).all();
        QueueLook look = QueueLook.at(context);
        clock(look).ifPresent(findings::add);
        stats.pause().ifPresent(pause -> paused(pause, stats, look.now()));
        workers(stats, workers, look);
        waiting(stats, workers, look);
        new DeadFindings(context, queue, stats.dead(), look.now()).find().ifPresent(findings::add);
        crons(look);
        return findings;
    }

    private void add(Severity severity, Code code, String what, String meaning, String todo) {
        findings.add(new Finding(severity, code, Optional.of(queue), what, meaning, todo));
    }

    private String command(String command) {
        return "client.jar " + command + " --queue " + Wording.argument(queue);
    }

    /** Whether this machine's clock and Redis' differ. */
    Optional<Finding> clock(QueueLook look) {
        Duration skew = look.skew();
        if (skew.abs().compareTo(SKEW) <= 0) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                Severity.WARNING,
                Code.CLOCK_SKEW,
                Optional.empty(),
                "This machine's clock is " + Wording.span(skew.abs()) + (skew.isNegative() ? " behind" : " ahead of")
                        + " Redis'.",
                "What this machine enqueues with a delay or an expiry is due or expires so much off; workers go by Redis' "
                        + "clock alone.",
                "Have both machines keep time (NTP)."));
    }

    private void paused(QueuePause pause, QueueStats stats, Instant now) {
        Optional<Duration> lasts = pause.since().map(since -> Duration.between(since, now));
        boolean isLong = lasts.isEmpty() || lasts.get().compareTo(LONG_PAUSE) > 0;
        add(
                isLong ? Severity.WARNING : Severity.INFO,
                Code.PAUSED,
                "The queue is paused"
                        + pause.by().map(by -> " by " + Wording.line(by)).orElse("")
                        + lasts.map(time -> " for " + Wording.span(time)).orElse(", nobody says since when")
                        + pause.until()
                                .map(until -> ", until " + Wording.at(until, now))
                                .orElse("")
                        + pause.reason()
                                .map(reason -> ", with the reason " + Wording.quote(reason))
                                .orElse("")
                        + ".",
                Wording.count(stats.ready(), "task") + " " + (stats.ready() == 1 ? "waits" : "wait")
                        + ", and more may come; workers begin nothing.",
                "If it was forgotten: " + command("resume") + ".");
    }

    private void workers(QueueStats stats, List<WorkerInfo> workers, QueueLook look) {
        if (stats.workers() == 0 && stats.unfinished() > 0) {
            boolean due = stats.unfinished() > stats.scheduled() || stats.overdue() > 0;
            add(
                    due ? Severity.CRITICAL : Severity.WARNING,
                    Code.NO_WORKERS,
                    "No worker of the queue lives, and " + Wording.count(stats.unfinished(), "task")
                            + (stats.unfinished() == 1 ? " has" : " have") + " not ended"
                            + stats.oldestReady()
                                    .map(since -> "; the oldest ready one waits since " + Wording.at(since, look.now()))
                                    .orElse("")
                            + ".",
                    "Nothing runs, nothing scheduled comes due, and what dead workers held is not taken back.",
                    "Start a worker with QUEUE_NAME=" + Wording.argument(queue)
                            + "; if one runs, see its log and /readyz.");
        }
        List<WorkerInfo> silent = workers.stream()
                .filter(worker -> worker.silent() && worker.held() > 0)
                .toList();
        if (!silent.isEmpty()) {
            add(
                    Severity.WARNING,
                    Code.WORKERS_SILENT,
                    Wording.count(silent.size(), "worker") + " that " + (silent.size() == 1 ? "holds" : "hold") + " "
                            + Wording.count(
                                    silent.stream().mapToLong(WorkerInfo::held).sum(), "task")
                            + (silent.size() == 1 ? " is" : " are") + " silent: "
                            + some(
                                    silent,
                                    worker -> Wording.line(worker.name()) + " since "
                                            + Wording.at(worker.lastBeat(), look.now()))
                            + ".",
                    stats.workers() == 0
                            ? "Nobody takes the tasks back, as no worker lives."
                            : "The tasks are taken back within two leases, and run once more.",
                    "See whether those machines are up, swap, or cannot reach Redis.");
        }
        List<WorkerInfo> quiet = workers.stream()
                .filter(worker -> !worker.silent() && isLong(worker.quiet(), look.now()))
                .toList();
        if (!quiet.isEmpty()) {
            add(
                    Severity.WARNING,
                    Code.WORKERS_QUIET,
                    Wording.count(quiet.size(), "worker")
                            + " took nothing new for more than an hour, as they were made "
                            + "quiet: "
                            + some(
                                    quiet,
                                    worker -> Wording.line(worker.name()) + " ("
                                            + Wording.line(worker.quiet().get().describe()) + ")")
                            + ".",
                    "Their threads do nothing, and the rest of the crew has their work.",
                    "If they were forgotten: " + command("quiet --off --all") + ".");
        }
        if (!look.orphans().isEmpty()) {
            add(
                    Severity.WARNING,
                    Code.ORPHANS,
                    "Processing lists of workers that are not registered hold tasks: "
                            + some(look.orphans(), QueueLook.Counted::describe) + ".",
                    stats.workers() == 0
                            ? "Nobody takes the tasks back, as no worker lives."
                            : "A live worker finds them while it goes through the keys, and takes them back after a lease.",
                    "If they stay, see whether Redis evicts or expires keys, or a failover lost some.");
        }
    }

    private static boolean isLong(Optional<WorkerInfo.Quiet> quiet, Instant now) {
        return quiet.isPresent()
                && quiet.get()
                        .since()
                        .filter(since -> since.isAfter(now.minus(LONG_PAUSE)))
                        .isEmpty();
    }

    private void waiting(QueueStats stats, List<WorkerInfo> workers, QueueLook look) {
        boolean anyLives = stats.workers() > 0;
        if (anyLives && stats.overdue() > 0) {
            add(
                    Severity.WARNING,
                    Code.OVERDUE,
                    Wording.count(stats.overdue(), "scheduled task") + (stats.overdue() == 1 ? " is" : " are")
                            + " past due by more than " + Wording.span(Inspection.OVERDUE)
                            + stats.nextDue()
                                    .map(due -> ", the first since " + Wording.at(due, look.now()))
                                    .orElse("")
                            + ".",
                    "They begin late, and so do retries.",
                    "Very many due at once take a while; if the number does not fall, see role=promote in the workers' logs.");
        }
        stats.oldestReady()
                .filter(since ->
                        anyLives && !stats.paused() && since.isBefore(look.now().minus(LONG_WAIT)))
                .ifPresent(since -> add(
                        Severity.WARNING,
                        Code.BACKLOG,
                        "The oldest of " + Wording.count(stats.ready(), "ready task") + " waits since "
                                + Wording.at(since, look.now()) + ".",
                        "More comes than the workers run, or they run nothing.",
                        "See what their threads do (" + command("workers") + "), and add threads or workers."));
        List<QueueLook.Counted> unhandled = look.parked().stream()
                .filter(type -> workers.stream().noneMatch(worker -> !worker.silent() && worker.mayHandle(type.name())))
                .toList();
        if (!unhandled.isEmpty()) {
            add(
                    Severity.WARNING,
                    Code.PARKED,
                    "No live worker handles types that tasks wait with: " + some(unhandled, QueueLook.Counted::describe)
                            + ".",
                    "They die after UNKNOWN_TYPE_GRACE, an hour where nobody set it.",
                    "Deploy workers with handlers for them, or mend the producer.");
        }
        if (stats.suspects() > 0) {
            add(
                    Severity.WARNING,
                    Code.SUSPECTS,
                    Wording.count(stats.suspects(), "task") + (stats.suspects() == 1 ? " waits" : " wait")
                            + " for a trial, as their workers died too often.",
                    "One of them probably kills its workers; each runs once more, as alone as can be.",
                    "See why workers die: memory, System.exit, native crashes.");
        }
    }

    private void crons(QueueLook look) {
        if (look.brokenCrons() > 0) {
            add(
                    Severity.WARNING,
                    Code.CRONS_BROKEN,
                    Wording.count(look.brokenCrons(), "schedule") + (look.brokenCrons() == 1 ? " is" : " are")
                            + " set aside: " + some(look.crons(), line -> line) + ".",
                    "They do not fire.",
                    command("cron list") + " tells more; put them right with cron add, or in CRON_FILE.");
        }
    }

    private static <T> String some(List<T> all, Function<T, String> describe) {
        return all.stream().limit(NAMED).map(describe).collect(Collectors.joining(", "))
                + (all.size() > NAMED ? " and others" : "");
    }
}
