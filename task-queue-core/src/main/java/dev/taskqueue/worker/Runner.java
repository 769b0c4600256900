package dev.taskqueue.worker;

import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.Outcome;
import java.time.Duration;
import org.slf4j.MDC;

/** One of the worker's threads: takes an attempt, runs its handler, hands the outcome to the settler. */
final class Runner implements Runnable {

    private final Crew crew;
    private final Thread thread;
    private volatile Attempt current;
    private volatile boolean replaced;

    Runner(Crew crew, String name) {
        this.crew = crew;
        thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    Thread thread() {
        return thread;
    }

    /** The attempt that runs, or null. */
    Attempt current() {
        return current;
    }

    /** Says that another runner has its place: once its handler returns, if it ever does, it ends. */
    void replace() {
        replaced = true;
    }

    @Override
    public void run() {
        for (Work work = crew.next(); work != null; work = replaced ? null : crew.next()) {
            if (work instanceof Attempt attempt) {
                take(attempt);
            } else if (work instanceof IdleWait wait) {
                wait.perform().map(crew::attempt).ifPresent(this::take);
            }
        }
        if (replaced) {
            crew.returned(this);
        }
    }

    private void take(Attempt attempt) {
        if (crew.isForfeited()) {
            // Not begun, hence nobody has run it twice if it goes back.
            crew.settle(attempt, new Outcome.Released(attempt.claim()), Duration.ZERO);
            crew.freeSeats(1);
            return;
        }
        MDC.put("task_id", attempt.id());
        MDC.put("task_type", attempt.type());
        try {
            attempt.start();
            current = attempt;
            run(attempt);
        } finally {
            current = null;
            // An interrupt that came just before the end was meant for this attempt, not for the next.
            Thread.interrupted();
            MDC.remove("task_id");
            MDC.remove("task_type");
        }
    }

    private void run(Attempt attempt) {
        TaskHandler handler = attempt.registration().handler();
        Object result = null;
        Throwable failure = null;
        crew.started(attempt);
        try {
            if (handler == null) {
                throw new TaskQueueException("no handler for type \"" + attempt.type() + "\" in this worker");
            }
            result = handler.handle(attempt);
        } catch (Throwable t) {
            // Errors too: whatever a handler throws is a failure of its task, never of the worker.
            failure = t;
        } finally {
            crew.left();
        }
        if (attempt.end()) {
            crew.ended(attempt, result, failure);
        }
        if (!replaced) {
            crew.freeSeats(1);
        }
    }
}
