package dev.taskqueue.broker.internal;

/** What every move on one queue needs. */
record QueueContext(Redis redis, Keys keys, TaskCodec codec, BrokerLimits limits) {}
