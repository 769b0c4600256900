/**
 * The broker: everything that talks to Redis. {@link dev.taskqueue.broker.RedisBroker} accepts tasks and reports their status;
 * {@link dev.taskqueue.broker.BrokerSession} is what a worker needs. Behind them is one class for each move of a task:
 * Enqueueing, Claiming, Settlement, Promotion, Recovery. Each move is one atomic step in Redis, a Lua script or one command.
 * The package has no threads, and depends on {@link dev.taskqueue} alone.
 */
package dev.taskqueue.broker;
