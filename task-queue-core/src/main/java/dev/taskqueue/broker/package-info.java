/**
 * The broker: {@link dev.taskqueue.broker.RedisBroker} enqueues tasks and reports what became of them;
 * {@link dev.taskqueue.broker.RedisSettings} says where Redis is. Depends on {@link dev.taskqueue} alone. Nothing is null
 * unless it is marked so.
 */
@NullMarked
package dev.taskqueue.broker;

import org.jspecify.annotations.NullMarked;
