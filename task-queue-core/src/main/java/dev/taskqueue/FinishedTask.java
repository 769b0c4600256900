package dev.taskqueue;

import java.time.Instant;

/**
 * A task that has ended lately.
 *
 * @param id its id
 * @param type its type
 * @param state how it ended; a {@linkplain TaskState#isFinal final} state
 * @param finishedAt when its end was committed, by Redis' clock
 */
public record FinishedTask(String id, String type, TaskState state, Instant finishedAt) {}
