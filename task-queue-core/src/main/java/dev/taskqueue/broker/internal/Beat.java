package dev.taskqueue.broker.internal;

/**
 * What the answer to a heartbeat tells of the queue.
 *
 * @param tasksWait whether a task waits in any lane
 * @param paused whether this worker takes nothing new: the queue is paused, or the worker quiet
 * @param suspectsWait whether a task waits for its trial, see {@link BrokerSession#reserveTrial}
 * @param anyCancelled whether there are cancelled tasks, so that it is time to ask which
 * @param counted whether the counts of the {@link BeatReport} are in the history; a full Redis refuses them
 */
public record Beat(boolean tasksWait, boolean paused, boolean suspectsWait, boolean anyCancelled, boolean counted) {}
