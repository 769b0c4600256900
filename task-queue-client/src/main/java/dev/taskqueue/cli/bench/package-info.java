/** The benchmark: ours beside the floor, which is the same Redis commands with nothing around them. */
package dev.taskqueue.cli.bench;
