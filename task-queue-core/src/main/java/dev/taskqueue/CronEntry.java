package dev.taskqueue;

import java.time.Instant;
import java.util.Optional;

/**
 * A schedule as it stands in its queue.
 *
 * @param name its name
 * @param cron what was put; empty if what stands there cannot be read
 * @param paused whether it fires nothing until it is resumed
 * @param owner who put it by a sync, if that is so
 * @param nextFire when it is due next, of Redis' clock; empty while it is paused or set aside. In the past while a fire waits
 *     for the task of the one before, or no worker is there
 * @param lastTaskId the id of the task that it enqueued last; empty if it has not fired yet
 * @param problem why it is set aside and does not fire, if it is; to put it anew is the cure
 */
public record CronEntry(
        String name,
        Optional<Cron> cron,
        boolean paused,
        Optional<String> owner,
        Optional<Instant> nextFire,
        Optional<String> lastTaskId,
        Optional<String> problem) {}
