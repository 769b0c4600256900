package dev.taskqueue.broker.internal;

/**
 * What the answer to a heartbeat tells of the queue.
 *
 * @param tasksWait whether a task waits in any lane
 * @param paused whether workers take nothing new
 * @param suspectsWait whether a task waits for its trial, see {@link BrokerSession#reserveTrial}
 * @param anyCancelled whether there are cancelled tasks, so that it is time to ask which
 */
public record Beat(boolean tasksWait, boolean paused, boolean suspectsWait, boolean anyCancelled) {}
