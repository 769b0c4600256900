/**
 * Settings by name, as the worker daemon and the client take them from the environment. Depends on
 * {@link dev.taskqueue.broker}; a program that embeds the library does not need it.
 */
package dev.taskqueue.internal.config;
