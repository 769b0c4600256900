package dev.taskqueue.worker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.Claim;
import java.time.Duration;

/** One attempt at one claimed task, from the hand-off to its outcome. Exactly one party ends it. */
final class Attempt implements TaskContext, Work {

    /** Why an attempt was cancelled. */
    enum Cancellation {
        TIMEOUT,
        SHUTDOWN
    }

    private final Claim claim;
    private final Registration registration;
    private final long madeNanos = System.nanoTime();
    private Thread thread;
    private volatile long startedNanos;
    private volatile Cancellation cancellation;
    private volatile long cancelledNanos;
    private boolean ended;

    Attempt(Claim claim, Registration registration) {
        this.claim = claim;
        this.registration = registration;
    }

    Claim claim() {
        return claim;
    }

    Task task() {
        return claim.task();
    }

    Registration registration() {
        return registration;
    }

    /** To be called by the thread that runs the handler, just before it does. */
    synchronized void start() {
        thread = Thread.currentThread();
        startedNanos = System.nanoTime();
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - madeNanos);
    }

    Duration runTime() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    /**
     * Claims the right to say how the attempt ended.
     *
     * @return whether the caller has it; false where another party came first
     */
    synchronized boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    /** Asks the handler to stop, and interrupts it unless it has ended: never the next task of the same thread. */
    synchronized void cancel(Cancellation why) {
        if (!ended && cancellation == null) {
            cancelledNanos = System.nanoTime();
            cancellation = why;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /** Why it was cancelled, or null. */
    Cancellation cancellation() {
        return cancellation;
    }

    Duration sinceCancelled() {
        return Duration.ofNanos(System.nanoTime() - cancelledNanos);
    }

    @Override
    public String id() {
        return task().id();
    }

    @Override
    public String type() {
        return task().type();
    }

    @Override
    public int attempt() {
        return task().attempt();
    }

    @Override
    public int maxRetries() {
        return task().maxRetries();
    }

    @Override
    public JsonNode payload() {
        return task().payload();
    }

    @Override
    public <T> T payload(Class<T> payloadType) {
        try {
            return task().payloadAs(payloadType);
        } catch (InvalidTaskException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        }
    }

    @Override
    public boolean isCancelled() {
        return cancellation != null;
    }

    @Override
    public String toString() {
        return type() + " task " + id() + ", attempt " + attempt() + " of " + (maxRetries() + 1L);
    }
}
