package dev.taskqueue.broker.internal;

import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Explanation.Reason;
import dev.taskqueue.QueueStats;
import dev.taskqueue.Task;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.Unique;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is said of a task that has not ended, by where its entry is. Not thread-safe. */
final class WaitingReasons {

    private final String queue;
    private final String id;
    private final Optional<Task> task;
    private final Optional<TaskStatus> status;
    private final TaskLocator.Located located;
    private final QueueReasons whole;
    private final List<Reason> ofQueue;
    private final QueueStats stats;
    private final Circumstances circumstances;
    private final Instant now;
    private final List<Reason> reasons = new ArrayList<>();

    WaitingReasons(
            String queue,
            String id,
            Optional<Task> task,
            Optional<TaskStatus> status,
            TaskLocator.Located located,
            QueueReasons whole,
            Circumstances circumstances) {
        this.queue = queue;
        this.id = id;
        this.task = task;
        this.status = status;
        this.located = located;
        this.whole = whole;
        this.ofQueue = whole.of(located.found().type());
        this.stats = whole.stats();
        this.circumstances = circumstances;
        this.now = circumstances.now();
    }

    List<Reason> all() {
        switch (located.place()) {
            case SCHEDULED -> scheduled();
            case PROCESSING ->
                reasons.addAll(new HeldReasons(id, located.worker(), whole, circumstances).of(task, status));
            case PARKED -> {
                // That nobody handles its type is what it is told of below.
                ofQueue.stream()
                        .filter(reason -> reason.code() != Code.NO_HANDLER)
                        .forEach(reasons::add);
                parked();
            }
            case SUSPECTS -> {
                reasons.addAll(ofQueue);
                suspect();
            }
            default -> {
                reasons.addAll(ofQueue);
                ready();
            }
        }
        circumstances.tombstone().ifPresent(this::toBeCancelled);
        return reasons;
    }

    private void add(Code code, String text, String remedy) {
        reasons.add(new Reason(code, text, remedy));
    }

    private void toBeCancelled(String reason) {
        reasons.add(
                0,
                new Reason(
                        Code.CANCEL_REQUESTED,
                        "It is to be cancelled"
                                + (reason.isBlank() ? "" : ", with the reason " + Wording.quote(reason))
                                + ": whoever holds or takes it ends it.",
                        ""));
    }

    private void ready() {
        long length = switch (located.place()) {
            case READY_HIGH -> stats.high();
            case READY_LOW -> stats.low();
            default -> stats.normal();
        };
        String lane = located.place().name().substring("READY_".length()).toLowerCase(Locale.ROOT);
        long before = switch (located.place()) {
            case READY_HIGH -> 0;
            case READY_LOW -> stats.high() + stats.normal();
            default -> stats.high();
        };
        long position = located.found().position() + 1;
        task.flatMap(Task::expiresAt)
                .filter(at -> !at.isAfter(now))
                .ifPresent(at -> add(
                        Code.EXPIRES,
                        "Its expires_at has passed, " + Wording.at(at, now) + ": whoever takes it ends it as expired.",
                        ""));
        task.flatMap(Task::runAt)
                .filter(at -> at.isAfter(now))
                .ifPresent(at -> add(
                        Code.DELAYED,
                        "It is not to run before " + Wording.at(at, now) + ": whoever takes it puts it into scheduled.",
                        ""));
        add(
                Code.READY,
                "It is ready, the " + Wording.ordinal(position) + " of " + Wording.number(Math.max(length, position))
                        + " in lane " + lane
                        + (before == 0 ? "" : "; " + Wording.number(before) + " in lanes before it go first")
                        + ".",
                ofQueue.isEmpty()
                        ? (whole.threads() + " It is taken in its turn; more threads or workers get there sooner.")
                                .strip()
                        : "");
    }

    private void scheduled() {
        String score = located.found().score();
        Optional<Instant> due = CronPlan.time(score.isEmpty() ? null : score);
        String when = due.map(at -> Wording.at(at, now)).orElse("a time that is none, " + Wording.line(score));
        boolean late =
                due.filter(at -> at.isBefore(now.minus(Inspection.OVERDUE))).isPresent();
        boolean held = keysHeld(when);
        if (late) {
            reasons.addAll(ofQueue);
            add(
                    Code.OVERDUE,
                    "It was due at " + when + ", and no worker has moved it to its lane.",
                    stats.workers() == 0
                            ? ""
                            : "Many due at once take a while; else look for role=promote in the workers' logs.");
        }
        int retry = task.map(Task::retry).orElse(0);
        if (retry > 0) {
            add(
                    Code.RETRY,
                    "Its " + Wording.ordinal(retry) + " attempt failed; attempt " + (retry + 1) + " of "
                            + (task.get().maxRetries() + 1L) + " is due at " + when
                            + task.get()
                                    .lastError()
                                    .map(error -> ". The error: " + Wording.line(error))
                                    .orElse("")
                            + ".",
                    "If the cause is mended already, it still waits; cancel it and enqueue it anew to have it run now.");
        } else if (!held && !late) {
            add(Code.DELAYED, "It is scheduled, and due at " + when + ".", "");
        }
    }

    /** Whether it waits for a key that another task holds; says so. */
    private boolean keysHeld(String when) {
        boolean held = false;
        Optional<String> unique = task.flatMap(Task::unique).map(Unique::key);
        String holder = circumstances.uniqueHolder();
        if (unique.isPresent() && !holder.isEmpty() && !holder.equals(id)) {
            held = true;
            add(
                    Code.UNIQUE_KEY_HELD,
                    "It waits for its unique key " + Wording.quote(unique.get()) + ", which task "
                            + Wording.line(holder) + " holds"
                            + (circumstances.uniqueNext().equals(id)
                                    ? "; it goes into its lane once that one has ended, or else at " + when + "."
                                    : "; it is tried again at " + when + "."),
                    why(holder) + " says where that one is.");
        }
        Optional<String> key = task.flatMap(Task::idempotencyKey);
        Optional<Circumstances.Holder> lock =
                circumstances.lock().filter(other -> !other.id().equals(id));
        if (key.isPresent() && lock.isPresent()) {
            held = true;
            add(
                    Code.IDEMPOTENCY_KEY_HELD,
                    "It was put off, as task " + Wording.line(lock.get().id()) + " with the same idempotency key "
                            + Wording.quote(key.get()) + " runs on worker "
                            + Wording.line(lock.get().worker()) + lockBeat() + "; it is tried again at " + when + ".",
                    why(lock.get().id()) + " says how that one fares.");
        }
        return held;
    }

    private String lockBeat() {
        return circumstances
                .lockBeat()
                .map(beat -> circumstances.isSilent(beat) ? " (silent since " + Wording.at(beat, now) + ")" : "")
                .orElse(" (which is not registered)");
    }

    private String why(String other) {
        return Wording.command("why", other, queue);
    }

    private void parked() {
        String type = Wording.quote(located.found().type());
        Optional<Instant> since = task.flatMap(Parking::since);
        add(
                Code.PARKED,
                "It waits for a worker that handles its type " + type
                        + since.map(at -> ", since " + Wording.at(at, now)).orElse("")
                        + "; it dies "
                        + since.map(at -> "at " + Wording.at(at.plus(Parking.DEFAULT_GRACE), now))
                                .orElse("an hour after the first worker met it")
                        + ", unless UNKNOWN_TYPE_GRACE says otherwise. Of the live workers: "
                        + whole.handled() + ".",
                "Deploy a worker with a handler for " + type + ", or cancel the task.");
    }

    private void suspect() {
        String recoveries = Wording.line(circumstances.recoveries());
        add(
                Code.SUSPECT,
                "It was taken back " + (recoveries.isEmpty() ? "too often" : recoveries + " times")
                        + " from workers that died, and waits for its trial, in which it runs as alone as can be.",
                "Look what it does to its workers: memory, System.exit, a native crash. "
                        + Wording.command("cancel", id, queue) + " spares them that.");
    }
}
