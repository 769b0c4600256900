/**
 * The worker: threads that claim tasks from a broker, run handlers, and settle. Each background duty is a role in a file of
 * its own. Knows no Redis commands; depends on {@link dev.taskqueue.broker} and {@link dev.taskqueue}.
 */
package dev.taskqueue.worker;
