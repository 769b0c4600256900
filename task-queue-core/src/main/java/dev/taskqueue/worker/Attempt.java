package dev.taskqueue.worker;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.internal.Json;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one claimed task, from when it may start to its outcome. Exactly one party ends it, and with that decides
 * who settles its claim and whose its slot is. Thread-safe.
 */
final class Attempt implements TaskContext, Work {

    /** How an attempt ended; the first to say so counts. */
    enum End {
        /** The handler returned or threw: its runner settles, and frees the slot. */
        RETURNED,
        /** The handler ignores its interrupt: whoever gave up on it settles; its runner frees the slot once it returns. */
        GIVEN_UP,
        /** The same, and another runner has the slot and the place of its own, which ends once the handler returns. */
        REPLACED
    }

    /** Why an attempt was cancelled. */
    enum Cancellation {
        TIMEOUT,
        SHUTDOWN,
        /** Its task is cancelled. */
        TASK
    }

    private final Claim claim;
    private final @Nullable TaskHandler handler;
    private final ServedQueue queue;
    private final long madeNanos = System.nanoTime();
    private Thread thread;
    private volatile long startedNanos;
    private volatile Cancellation cancellation;
    private volatile long cancelledNanos;
    private volatile End end;
    private boolean marked;
    private boolean hasLeftGate;

    Attempt(Claim claim, @Nullable TaskHandler handler, ServedQueue queue) {
        this.claim = claim;
        this.handler = handler;
        this.queue = queue;
    }

    Claim claim() {
        return claim;
    }

    Task task() {
        return claim.task();
    }

    /** Null for a type that has none. */
    @Nullable
    TaskHandler handler() {
        return handler;
    }

    /** What its claim came from, and goes back to. */
    ServedQueue servedQueue() {
        return queue;
    }

    /** To be called by the thread that runs the handler, just before it does. */
    synchronized void start() {
        thread = Thread.currentThread();
        startedNanos = System.nanoTime();
        claim.begin();
    }

    /** The thread that runs its handler, once it has started. */
    synchronized Thread thread() {
        return thread;
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - madeNanos);
    }

    Duration runTime() {
        return Duration.ofNanos(runNanos());
    }

    long startedNanos() {
        return startedNanos;
    }

    long runNanos() {
        return System.nanoTime() - startedNanos;
    }

    /**
     * Ends the attempt, unless it has ended.
     *
     * @return whether the caller came first, and has to settle the claim
     */
    synchronized boolean end(End how) {
        if (end != null) {
            return false;
        }
        end = how;
        return true;
    }

    /** Leaves the gate of its queue, once; to be called by its runner. */
    void leaveGate() {
        if (!hasLeftGate) {
            hasLeftGate = true;
            queue.gate().leave();
        }
    }

    /** How it ended; null while it has not. */
    End ended() {
        return end;
    }

    /** Whether its handler was given up on, and may run all the same. */
    boolean isGivenUp() {
        return end == End.GIVEN_UP || end == End.REPLACED;
    }

    /** Whether this is the first call: its status tells that it runs only once. */
    boolean mark() {
        boolean first = !marked;
        marked = true;
        return first;
    }

    /** Asks the handler to stop, and interrupts it unless it has ended: never the next task of the same thread. */
    synchronized void cancel(Cancellation why) {
        if (end == null && cancellation == null) {
            cancelledNanos = System.nanoTime();
            cancellation = why;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /** The same where its task is cancelled, as its claim tells. */
    void cancelIfAsked() {
        if (claim.cancelReason() != null) {
            cancel(Cancellation.TASK);
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
    public String queue() {
        return queue.name();
    }

    @Override
    public Priority priority() {
        return task().priority();
    }

    @Override
    public Optional<String> idempotencyKey() {
        return task().idempotencyKey();
    }

    @Override
    public Instant createdAt() {
        return task().createdAt();
    }

    @Override
    public Optional<Instant> runAt() {
        return task().runAt();
    }

    @Override
    public Optional<Instant> expiresAt() {
        return task().expiresAt();
    }

    @Override
    public Optional<String> lastError() {
        return task().lastError();
    }

    @Override
    public Map<String, RawJson> extraFields() {
        return task().extraFields();
    }

    @Override
    public JsonNode payload() {
        return bind(JsonNode.class, Json.mapper());
    }

    @Override
    public <T> T payload(Class<T> payloadType) {
        return bind(payloadType, queue.json());
    }

    @Override
    public <T> T payload(TypeReference<T> payloadType) {
        return bind(payloadType.getType(), queue.json());
    }

    private <T> T bind(Type payloadType, ObjectMapper mapper) {
        try {
            return task().payloadAs(payloadType, mapper);
        } catch (InvalidTaskException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        }
    }

    @Override
    public boolean isCancelled() {
        return cancellation != null;
    }

    @Override
    public Optional<String> cancelReason() {
        return Optional.ofNullable(claim.cancelReason()).filter(reason -> !reason.isEmpty());
    }

    @Override
    public String toString() {
        return type() + " task " + id() + ", attempt " + attempt() + " of " + (maxRetries() + 1L);
    }
}
