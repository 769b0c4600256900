/**
 * All that is said to Redis; promises nothing to users. {@link dev.taskqueue.broker.internal.BrokerEngine} is what a broker
 * stands on, {@link dev.taskqueue.broker.internal.BrokerSession} what a worker needs. Behind them is one class for each move
 * of a task: Enqueueing, Claiming, Settlement, Promotion, Recovery, Trials. Each move is one atomic step in Redis, a Lua script
 * or one command. The package has no threads, but for those of {@link dev.taskqueue.broker.internal.AsyncEnqueueing}.
 */
package dev.taskqueue.broker.internal;
