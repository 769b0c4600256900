package dev.taskqueue.worker;

import dev.taskqueue.TaskQueueException;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One of the worker's threads. It owns each attempt that it takes, and the slot of it: it runs the handler, hands over the
 * outcome and frees the slot in one try/finally, so that nothing that a handler throws or returns costs a thread, a slot or
 * a claim.
 */
final class Runner implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final long PAUSE_AFTER_FAILURE_NANOS = 100_000_000;

    private final RunQueue runQueue;
    private final Thread thread;
    private volatile Attempt current;
    /** Whether another runner has taken the place of this one, so that this one ends. */
    private boolean replaced;

    Runner(RunQueue runQueue, ThreadFactory threads) {
        this.runQueue = runQueue;
        thread = Objects.requireNonNull(threads.newThread(this), "the thread factory made no thread");
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

    @Override
    public void run() {
        while (!replaced && !(runQueue.isClosed() && runQueue.isEmpty())) {
            Throwable failure = perform();
            if (failure != null) {
                recover(failure);
            }
        }
    }

    /** Takes and does one piece of work; returns what went wrong beside the handler, or null. Never throws. */
    private Throwable perform() {
        try {
            Work work = runQueue.take();
            Attempt attempt = work instanceof IdleWait wait ? wait.perform() : (Attempt) work;
            if (attempt != null) {
                try {
                    take(attempt);
                } finally {
                    attempt.leaveGate();
                }
            }
            return null;
        } catch (Throwable t) {
            return t;
        }
    }

    private void recover(Throwable failure) {
        try {
            Failures.report(LOG, "unexpected failure in a runner; continuing", "thread", thread.getName(), failure);
            Failures.pause(PAUSE_AFTER_FAILURE_NANOS);
        } catch (Throwable t) {
            // Without memory not even a text for the log can be had. The thread goes on.
        }
    }

    private void take(Attempt attempt) {
        ServedQueue queue = attempt.servedQueue();
        // Not started, hence nobody has run it twice if it goes back.
        boolean goesBack = runQueue.isClosed() || queue.isForfeited();
        // Looked at once more: it may have waited behind others here.
        if (goesBack || queue.mustEnd(attempt.claim())) {
            try {
                if (goesBack) {
                    queue.release(attempt);
                } else {
                    queue.end(attempt);
                }
            } finally {
                queue.slots().free(1);
            }
            return;
        }
        run(attempt);
    }

    /** In short methods that throw nothing: in a long one with its own for each way out, all was compiled once for each. */
    private void run(Attempt attempt) {
        Object result = null;
        Throwable failure = null;
        try {
            attempt.start();
            attempt.servedQueue().slots().began(attempt.startedNanos());
            current = attempt;
            result = handle(attempt);
        } catch (Throwable t) {
            // Errors too: whatever a handler throws is a failure of its task, never of the worker.
            failure = t;
        }
        end(attempt, result, failure);
        MDC.remove("task_id");
        MDC.remove("type");
    }

    private void end(Attempt attempt, Object result, Throwable failure) {
        ServedQueue queue = attempt.servedQueue();
        boolean mine = attempt.end(Attempt.End.RETURNED);
        queue.slots().ended(attempt.startedNanos());
        replaced = attempt.ended() == Attempt.End.REPLACED;
        current = null;
        // An interrupt that came just before the end was meant for this attempt, not for the next.
        Thread.interrupted();
        try {
            if (mine) {
                queue.complete(attempt, result, failure);
            } else if (replaced) {
                reportReturn(attempt);
            }
        } finally {
            if (!replaced) {
                queue.slots().free(1);
            }
        }
    }

    private Object handle(Attempt attempt) throws Exception {
        TaskHandler handler = attempt.handler();
        ServedQueue queue = attempt.servedQueue();
        WorkerMetrics.QueueMeter meter = queue.meter();
        MDC.put("task_id", attempt.id());
        MDC.put("type", attempt.type());
        meter.started(attempt.claim());
        try {
            queue.listeners().taskStarted(attempt);
            if (handler == null) {
                throw new TaskQueueException("no handler for type \"" + attempt.type() + "\" in this worker");
            }
            // As late as can be: whoever sees that it has left may tell that nothing more begins.
            attempt.leaveGate();
            return handler.handle(attempt);
        } finally {
            meter.left();
        }
    }

    private void reportReturn(Attempt attempt) {
        attempt.servedQueue().meter().abandoned(-1);
        LOG.atWarn().addKeyValue("thread", thread.getName()).log("abandoned handler returned; outcome discarded");
    }
}
