package dev.taskqueue.worker;

/**
 * A handler and where its figures go.
 *
 * @param handler null for a type that has none
 * @param meter the figures of its type
 */
record Registration(TaskHandler handler, TypeMeter meter) {}
