package dev.taskqueue.worker;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Does the work of one type of task. Called by several threads at once, so that it must be thread-safe; and, as delivery
 * is at least once, now and then again for a task that it has already done.
 */
@FunctionalInterface
public interface TaskHandler {

    /**
     * Does the work of one task. Returning means success; throwing anything counts as a failed attempt, which is retried
     * as the {@link RetryPolicy} says while retries are left.
     *
     * @param task the task; never null
     * @return a result that is kept with the task's status: null for none, else anything that the broker's mapper can write;
     *     of JSON that is longer than 4 KiB, the size and the beginning. One that cannot be written is not kept, and the
     *     status says why
     * @throws dev.taskqueue.PermanentFailureException to skip the retries that are left
     * @throws dev.taskqueue.RetryLaterException to name the delay before the next attempt
     * @throws InterruptedException when the attempt is cancelled: it took too long, or the worker shuts down
     * @throws Exception for any other failed attempt
     */
    @Nullable
    Object handle(TaskContext task) throws Exception;

    /**
     * Makes a handler that is given its payload as an object. A payload that does not fit the class is a permanent failure.
     *
     * @param payloadType what to bind the payload to
     * @param handler the handler
     * @param <P> what to bind the payload to
     * @return a handler that binds the payload and calls the other
     */
    static <P> TaskHandler of(Class<P> payloadType, PayloadHandler<P> handler) {
        Objects.requireNonNull(payloadType, "payloadType");
        Objects.requireNonNull(handler, "handler");
        return task -> handler.handle(task.payload(payloadType), task);
    }

    /**
     * Like {@link #of(Class, PayloadHandler)}, for a generic type: {@code new TypeReference<List<String>>() {}}.
     *
     * @param payloadType what to bind the payload to
     * @param handler the handler
     * @param <P> what to bind the payload to
     * @return a handler that binds the payload and calls the other
     */
    static <P> TaskHandler of(TypeReference<P> payloadType, PayloadHandler<P> handler) {
        Objects.requireNonNull(payloadType, "payloadType");
        Objects.requireNonNull(handler, "handler");
        return task -> handler.handle(task.payload(payloadType), task);
    }

    /**
     * Makes a handler without a result.
     *
     * @param consumer does the work
     * @return a handler that calls it and returns null
     */
    static TaskHandler consuming(TaskConsumer consumer) {
        Objects.requireNonNull(consumer, "consumer");
        return task -> {
            consumer.accept(task);
            return null;
        };
    }

    /**
     * Like {@link #of(Class, PayloadHandler)}, without a result.
     *
     * @param payloadType what to bind the payload to
     * @param consumer does the work
     * @param <P> what to bind the payload to
     * @return a handler that binds the payload, calls the consumer and returns null
     */
    static <P> TaskHandler consuming(Class<P> payloadType, PayloadConsumer<P> consumer) {
        Objects.requireNonNull(consumer, "consumer");
        return of(payloadType, (payload, task) -> {
            consumer.accept(payload, task);
            return null;
        });
    }

    /**
     * Like {@link #of(TypeReference, PayloadHandler)}, without a result.
     *
     * @param payloadType what to bind the payload to
     * @param consumer does the work
     * @param <P> what to bind the payload to
     * @return a handler that binds the payload, calls the consumer and returns null
     */
    static <P> TaskHandler consuming(TypeReference<P> payloadType, PayloadConsumer<P> consumer) {
        Objects.requireNonNull(consumer, "consumer");
        return of(payloadType, (payload, task) -> {
            consumer.accept(payload, task);
            return null;
        });
    }
}
