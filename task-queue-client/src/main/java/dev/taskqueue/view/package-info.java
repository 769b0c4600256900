/**
 * What is told of tasks, queues, schedules and dead letters to a program: the JSON objects that the command line prints with
 * {@code --json} and that the HTTP API answers, one class for each kind. Depends on the core's values alone.
 */
package dev.taskqueue.view;
