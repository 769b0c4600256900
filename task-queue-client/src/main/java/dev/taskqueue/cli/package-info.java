/** The client: enqueue and inspect from a shell, one command a file. Depends on the core, nothing on it. */
package dev.taskqueue.cli;
