package dev.taskqueue.broker.internal;

import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Explanation.Reason;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.WorkerInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is said of a task that a worker holds. Not thread-safe. */
final class HeldReasons {

    private final String id;
    private final String worker;
    private final String shown;
    private final QueueReasons queue;
    private final Circumstances circumstances;
    private final Instant now;
    private final List<Reason> reasons = new ArrayList<>();

    HeldReasons(String id, String worker, QueueReasons queue, Circumstances circumstances) {
        this.id = id;
        this.worker = worker;
        this.shown = Wording.line(worker);
        this.queue = queue;
        this.circumstances = circumstances;
        this.now = circumstances.now();
    }

    List<Reason> of(Optional<Task> task, Optional<TaskStatus> status) {
        silence();
        Optional<WorkerInfo.Running> running = queue.worker(worker)
                .flatMap(WorkerInfo::details)
                .flatMap(details -> details.running().stream()
                        .filter(one -> one.id().equals(id))
                        .findFirst());
        Optional<Instant> since = running.map(WorkerInfo.Running::since)
                .or(() -> status.filter(known -> known.state() == TaskState.RUNNING)
                        .flatMap(TaskStatus::startedAt));
        if (since.isEmpty()) {
            reasons.add(new Reason(
                    Code.CLAIMED,
                    "Worker " + shown + " has claimed it, and has not begun it or began it just now.",
                    ""));
            return reasons;
        }
        Duration took = Duration.between(since.get(), now);
        Optional<Duration> limit = task.flatMap(Task::timeout).filter(most -> took.compareTo(most) > 0);
        if (running.filter(WorkerInfo.Running::abandoned).isPresent() || limit.isPresent()) {
            reasons.add(new Reason(
                    Code.ABANDONED,
                    limit.map(most -> "Its handler has exceeded the task's time limit of " + Wording.span(most))
                                    .orElse("The worker has given up on its handler")
                            + ", and it goes on: it ignores the interrupt.",
                    "Have the handler heed interrupts, or restart worker " + shown + "."));
        }
        int attempt = status.map(TaskStatus::attempts)
                .or(() -> task.map(Task::attempt))
                .filter(number -> number > 0)
                .orElse(1);
        reasons.add(new Reason(
                Code.RUNNING,
                "Its handler runs on worker " + shown
                        + running.map(one -> " in thread " + Wording.line(one.thread()))
                                .orElse("")
                        + " since " + Wording.at(since.get(), now) + ", in its " + Wording.ordinal(attempt)
                        + " attempt.",
                Wording.command("cancel", id, queue.stats().queue())
                        + " interrupts it; a thread dump of the worker shows what it does."));
        return reasons;
    }

    private void silence() {
        Optional<Instant> beat = circumstances.workerBeat();
        if (beat.isPresent() && !circumstances.isSilent(beat.get())) {
            return;
        }
        reasons.add(new Reason(
                Code.WORKER_SILENT,
                "Worker " + shown + ", which holds it, "
                        + beat.map(at -> "has been silent since " + Wording.at(at, now))
                                .orElse("is not registered")
                        + "; unless it beats again, any live worker takes its tasks back within two leases"
                        + (circumstances.lease().isZero() ? "" : " of " + Wording.span(circumstances.lease())) + ".",
                queue.stats().workers() == 0
                        ? "No worker of the queue lives to take it back: start one."
                        : "See whether the machine of " + shown + " is up."));
    }
}
