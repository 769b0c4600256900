package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Explanation;
import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Explanation.Reason;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.internal.TaskLimits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says why one task is where it is: reads its status, looks for its entry unless it has ended, and then at what may keep it
 * there. These are several round trips; a task that moves meanwhile may be told of as it was a moment ago. Not thread-safe.
 */
final class Why {

    private final QueueContext context;
    private final String queue;
    private final String id;
    private final TaskLocator locator;
    private final List<Reason> reasons = new ArrayList<>();

    Why(QueueContext context, String queue, String id) {
        this.context = context;
        this.queue = queue;
        this.id = id;
        this.locator = new TaskLocator(context, id);
    }

    /** What is told of a task that is neither known nor found. */
    static Explanation unknown(String id, String text) {
        return new Explanation(
                id,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new Reason(Code.UNKNOWN, text, "Check the id, and the queue that it was enqueued in.")));
    }

    Explanation explain() {
        try {
            TaskLimits.checkName("id", id, TaskLimits.ID_LENGTH);
        } catch (InvalidTaskException e) {
            return unknown(id, "No task can have this id: " + Wording.line(e.getMessage()) + ".");
        }
        byte[] text =
                context.redis().values("why", List.of(context.keys().task(id))).get(0);
        Optional<TaskStatus> status = text == null ? Optional.empty() : status(text);
        if (status.isPresent() && status.get().state().isFinal() && status.get().state() != TaskState.DEAD) {
            reasons.add(EndedReasons.of(status.get(), now(), StatusCodec.keyOf(text)));
            return explanation(status, Optional.empty());
        }
        Optional<TaskLocator.Located> located = locator.locate(status);
        if (located.isPresent()) {
            explain(status, located.get());
            return explanation(status, located);
        }
        if (status.isEmpty() && reasons.isEmpty()) {
            return unknown(
                    id,
                    "It has no status, and is not among the "
                            + (locator.isComplete()
                                    ? Wording.number(locator.searched()) + " entries of the queue"
                                    : Wording.number(locator.searched()) + " entries looked at, the first "
                                            + Wording.number(TaskLocator.SEARCHED) + " of each place")
                            + ": it never existed, was deleted, or ended and its status has expired.");
        }
        explainNotFound(status);
        return explanation(status, Optional.empty());
    }

    private Optional<TaskStatus> status(byte[] text) {
        try {
            return Optional.of(StatusCodec.read(queue, id, text, null));
        } catch (BrokerUnavailableException | BrokerRejectedException e) {
            throw e;
        } catch (TaskQueueException e) {
            reasons.add(new Reason(
                    Code.STATUS_UNREADABLE,
                    "What stands where its status should be cannot be read: " + Wording.line(e.getMessage()) + ".",
                    "Its next step writes it anew. If another program writes there, have it stop."));
            return Optional.empty();
        }
    }

    private Instant now() {
        return Circumstances.read(context, id, Optional.empty(), "").now();
    }

    private void explain(Optional<TaskStatus> status, TaskLocator.Located located) {
        Optional<Task> task = Optional.empty();
        try {
            task = Optional.of(context.codec()
                    .decode(located.found().raw(), System.currentTimeMillis())
                    .task());
        } catch (MalformedTaskException | RuntimeException e) {
            if (located.place() != Place.DEAD) {
                reasons.add(new Reason(
                        Code.MALFORMED,
                        "Its entry is no task, and becomes a dead letter once a worker takes it: "
                                + Wording.line(String.valueOf(e.getMessage())) + ".",
                        "Have the program that wrote it mended."));
            }
        }
        if (located.place() == Place.DEAD) {
            Circumstances circumstances = Circumstances.read(context, id, task, "");
            reasons.add(EndedReasons.ofLetter(
                    new DeadLetterReader(context.codec()).read(located.found().raw(), 0), queue, circumstances.now()));
            return;
        }
        Circumstances circumstances = Circumstances.read(context, id, task, located.worker());
        QueueReasons whole = QueueReasons.at(context, queue, circumstances.now());
        reasons.addAll(new WaitingReasons(queue, id, task, status, located, whole, circumstances).all());
    }

    private void explainNotFound(Optional<TaskStatus> status) {
        String searched = locator.isComplete()
                ? Wording.number(locator.searched()) + " entries, all that were there"
                : "the first " + Wording.number(TaskLocator.SEARCHED) + " of each place";
        boolean dead = status.filter(known -> known.state() == TaskState.DEAD).isPresent();
        if (dead) {
            reasons.add(EndedReasons.of(status.get(), now(), Optional.empty()));
            reasons.add(new Reason(
                    Code.NOT_FOUND,
                    "Its dead letter is gone (searched: " + searched + "): it was deleted, or is further back.",
                    ""));
            return;
        }
        reasons.addAll(QueueReasons.at(context, queue, now())
                .of(status.map(TaskStatus::type).orElse("")));
        String state = status.map(known -> "Its status says " + known.state().wireName() + ", but it")
                .orElse("It");
        reasons.add(new Reason(
                Code.NOT_FOUND,
                state
                        + (locator.isComplete()
                                ? " was not found (searched: " + searched + "): it is moving right now, or was lost."
                                : " is not among " + searched + ": it is further back, or moving right now."),
                locator.isComplete()
                        ? "Ask again; if it stays so, look whether Redis lost data, and enqueue it once more."
                        : "Ask again later; client.jar stats --queue " + Wording.argument(queue)
                                + " tells how long the lanes are."));
    }

    private Explanation explanation(Optional<TaskStatus> status, Optional<TaskLocator.Located> located) {
        return new Explanation(
                id,
                Optional.of(queue),
                status.map(TaskStatus::type)
                        .or(() -> located.map(found -> found.found().type()))
                        .filter(type -> !type.isEmpty())
                        .map(Wording::line),
                status.map(TaskStatus::state),
                located.map(TaskLocator.Located::place),
                reasons);
    }
}
