/** How the client logs: SLF4J on standard error, without a logging library. Depends on nothing of ours. */
package dev.taskqueue.cli.log;
