/** The worker daemon: wires settings, handlers, a worker, metrics and health. Depends on the core, nothing on it. */
package dev.taskqueue.daemon;
