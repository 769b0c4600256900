/**
 * The worker: threads that claim tasks from a broker, run handlers, and settle. Each background duty is a role in a file of
 * its own. Knows no Redis commands; depends on {@link dev.taskqueue.broker} and {@link dev.taskqueue}. Nothing of the public
 * face is null unless it is marked so.
 */
@NullMarked
package dev.taskqueue.worker;

import org.jspecify.annotations.NullMarked;
