/**
 * What the parts of task-queue speak of: tasks, their states and figures, and the exceptions. Depends on nothing of ours.
 */
package dev.taskqueue;
