/** What several packages share; promises nothing to users. */
package dev.taskqueue.internal;
