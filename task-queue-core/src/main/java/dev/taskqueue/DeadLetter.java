package dev.taskqueue;

import java.time.Instant;
import java.util.Optional;

/**
 * A task that was given up, or an entry that was no task, as it lies among a queue's dead letters. Immutable.
 *
 * @param id the task's id; of what is no task, {@code raw-} and the SHA-1 of its bytes in hexadecimal digits
 * @param type the task's type; empty for what is no task
 * @param reason why it was given up; empty where the letter does not say
 * @param lastError what it failed of last, or why it is no task
 * @param diedAt when it was given up
 * @param retries how often it was tried again; 0 for what is no task
 * @param retryable whether it is a task, so that it can be tried again
 * @param position how many older letters there were when it was read
 * @param json the letter itself: one JSON object; around what is no JSON, an object with its bytes in {@code raw_base64}
 */
public record DeadLetter(
        String id,
        Optional<String> type,
        String reason,
        Optional<String> lastError,
        Optional<Instant> diedAt,
        int retries,
        boolean retryable,
        long position,
        RawJson json) {}
