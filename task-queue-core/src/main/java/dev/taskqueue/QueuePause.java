package dev.taskqueue;

import java.time.Instant;
import java.util.Optional;

/**
 * Why workers take nothing new from a queue. A pause that another program has set may tell nothing of what it should: then its
 * text, shortened, stands for the reason.
 *
 * @param by the user and the host that paused it
 * @param reason why, in their words; empty where they gave none
 * @param since since when, by Redis' clock
 * @param until when it ends by itself; empty for one that lasts until it is resumed
 */
public record QueuePause(
        Optional<String> by, Optional<String> reason, Optional<Instant> since, Optional<Instant> until) {

    /**
     * @return all of it in one line, such as {@code paused by ann@web-1 since 2026-12-01T09:00:00Z: migration}
     */
    public String describe() {
        return "paused"
                + by.map(user -> " by " + user).orElse("")
                + since.map(time -> " since " + time).orElse("")
                + until.map(time -> " until " + time).orElse("")
                + reason.map(text -> ": " + text).orElse("");
    }
}
