package dev.taskqueue.broker.internal;

import dev.taskqueue.QueuePause;
import dev.taskqueue.WorkerInfo;
import java.util.Optional;

/**
 * What keeps a worker from beginning anything more of a queue.
 *
 * @param pause the queue's pause; empty if it is not paused
 * @param quiet who made this worker quiet through this queue; empty if nobody did
 */
public record Hold(Optional<QueuePause> pause, Optional<WorkerInfo.Quiet> quiet) {}
