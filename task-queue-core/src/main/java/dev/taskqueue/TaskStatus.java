package dev.taskqueue;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of one task. Times are of Redis' clock, but for {@code createdAt}, which is the producer's.
 *
 * @param id the task's id
 * @param queue the queue that it is or was in
 * @param type the task's type
 * @param state where it stands
 * @param attempts how often a handler has been started for it; 0 or more
 * @param recoveries how often it was taken back from a worker that died; 0 or more
 * @param createdAt when it was enqueued, if known
 * @param startedAt when its latest attempt began, if one did
 * @param finishedAt when it reached a final state, if it did
 * @param nextAttemptAt when a scheduled task is due, or a retrying one again
 * @param worker the worker that holds or last held it
 * @param lastError the latest failure, in one line
 * @param stack of a dead task, where its last failure came from: class and message, ten frames, and the causes
 * @param result the JSON text of what its handler returned; longer than 4 KiB it is an object that holds its beginning
 * @param resultError why what its handler returned could not be written as JSON and was not kept; the task has succeeded
 * @param cancelReason why it was cancelled, if it was and a reason was given
 * @param parked whether it waits for a worker that knows its type, as none that met it did; it stays so until its next state
 */
public record TaskStatus(
        String id,
        String queue,
        String type,
        TaskState state,
        int attempts,
        int recoveries,
        Optional<Instant> createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        Optional<Instant> nextAttemptAt,
        Optional<String> worker,
        Optional<String> lastError,
        Optional<String> stack,
        Optional<String> result,
        Optional<String> resultError,
        Optional<String> cancelReason,
        boolean parked) {}
