package dev.taskqueue.worker;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a handler knows of its task. Thread-safe; {@code toString} is fit for a log line and leaves the payload out.
 */
public interface TaskContext {

    /**
     * @return the task's id
     */
    String id();

    /**
     * @return the task's type
     */
    String type();

    /**
     * @return the name of the queue that it came from
     */
    String queue();

    /**
     * @return which attempt this is: 1 for the first
     */
    int attempt();

    /**
     * @return how many more attempts may follow a failed first one
     */
    int maxRetries();

    /**
     * @return the lane that it came from
     */
    Priority priority();

    /**
     * @return the task's idempotency key, if it has one
     */
    Optional<String> idempotencyKey();

    /**
     * @return when the task was made, by its producer's clock; for one that does not say, when it was claimed
     */
    Instant createdAt();

    /**
     * @return before when the task was not to run; empty for at once
     */
    Optional<Instant> runAt();

    /**
     * @return by when each attempt is to have begun; empty for no end
     */
    Optional<Instant> expiresAt();

    /**
     * @return why the attempt before this one failed, if there was one
     */
    Optional<String> lastError();

    /**
     * @return the fields of the task that this version does not know, by name; never null, not to be changed
     */
    Map<String, RawJson> extraFields();

    /**
     * @return the payload; JSON's null where the task has none
     * @throws dev.taskqueue.PermanentFailureException if Java cannot hold a number in it, such as {@code 1e99999999999}
     */
    JsonNode payload();

    /**
     * Binds the payload to a class with the broker's mapper. Unless that is one of your own, properties that the class does
     * not have are ignored.
     *
     * @param payloadType what to bind to
     * @param <T> what to bind to
     * @return the payload; null where it is JSON's null
     * @throws dev.taskqueue.PermanentFailureException if the payload does not fit: another attempt would not help. The
     *     message names the field and says why, and shows nothing of the payload
     */
    <T extends @Nullable Object> T payload(Class<T> payloadType);

    /**
     * Like {@link #payload(Class)}, for a generic type: {@code new TypeReference<List<String>>() {}}.
     *
     * @param payloadType what to bind to
     * @param <T> what to bind to
     * @return the payload; null where it is JSON's null
     * @throws dev.taskqueue.PermanentFailureException if the payload does not fit
     */
    <T extends @Nullable Object> T payload(TypeReference<T> payloadType);

    /**
     * @return whether the attempt should end: it took too long, the worker's grace period is over, or the task is cancelled. The
     *     handler's thread is interrupted at the same moment
     */
    boolean isCancelled();

    /**
     * @return why the task was cancelled ({@link dev.taskqueue.broker.RedisBroker#cancel(String, String)}); empty if it was not,
     *     or no reason was given
     */
    Optional<String> cancelReason();
}
