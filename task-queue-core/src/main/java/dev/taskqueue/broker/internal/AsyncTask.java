package dev.taskqueue.broker.internal;

import dev.taskqueue.Enqueued;
import dev.taskqueue.Task;
import java.util.concurrent.CompletableFuture;

/**
 * A task on its way into its queue.
 *
 * @param queue where it goes
 * @param task the task
 * @param text the task as it travels
 * @param stage told what becomes of it
 */
record AsyncTask(BrokerEngine queue, Task task, byte[] text, CompletableFuture<Enqueued> stage) {}
