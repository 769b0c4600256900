package dev.taskqueue.worker;

/**
 * A queue that a worker serves, and its part in the threads.
 *
 * @param weight its part while all queues have tasks, beside the others' weights
 * @param maxThreads how many of its tasks the worker may have at most
 */
record QueueShare(String queue, int weight, int maxThreads) {}
