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
        for (Attempt attempt = crew.next(); attempt != null; attempt = replaced ? null : crew.next()) {
            if (crew.isForfeited()) {
                // Another worker may have these tasks by now; if not, they go back, and nobody ran them twice.
                crew.settle(attempt, new Outcome.Released(attempt.claim()), Duration.ZERO);
                crew.freeSeats(1);
                continue;
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
        if (replaced) {
            crew.returned(this);
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
