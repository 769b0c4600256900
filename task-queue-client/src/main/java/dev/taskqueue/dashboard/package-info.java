/**
 * The HTTP API, and what serves it. {@link dev.taskqueue.dashboard.Dashboard} is all that a program needs that mounts it in a
 * server of its own. Depends on the broker and on {@code dev.taskqueue.view}; nothing on it but the command line.
 */
package dev.taskqueue.dashboard;
