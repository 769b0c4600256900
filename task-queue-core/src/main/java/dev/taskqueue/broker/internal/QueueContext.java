package dev.taskqueue.broker.internal;

/** What every move on one queue needs. */
record QueueContext(Redis redis, Keys keys, TaskCodec codec, BrokerLimits limits) {

    /** The same for another queue, through the same connections. */
    QueueContext of(String queue) {
        return new QueueContext(redis, new Keys(queue, redis.isCluster()), codec, limits);
    }
}
