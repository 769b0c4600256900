/**
 * Tasks, their states and figures, and the exceptions. Nothing is null unless it is marked so.
 */
@NullMarked
package dev.taskqueue;

import org.jspecify.annotations.NullMarked;
