/**
 * The broker: every word that is said to Redis. {@link dev.taskqueue.broker.RedisBroker} takes tasks in and tells how they
 * fare; {@link dev.taskqueue.broker.BrokerSession} is what a worker needs. Each method that moves tasks is one atomic step
 * in Redis, a Lua script of the same name or one command. Knows no threads, and of ours only {@link dev.taskqueue}.
 */
package dev.taskqueue.broker;
