package dev.taskqueue;

import java.util.List;
import java.util.Optional;

/**
 * Some entries of a queue. Immutable.
 *
 * @param entries those of the page that the filter took; there may be none though more follow
 * @param searched how many entries were looked at for them
 * @param next where the next page begins; empty after the last entry. It names the next entry, so that entries which come, go
 *     or are taken out meanwhile do not move it; where that entry is gone itself, the next page begins with what is now first
 */
public record TaskPage(List<TaskEntry> entries, int searched, Optional<String> next) {

    /** Copies the entries. */
    public TaskPage {
        entries = List.copyOf(entries);
    }
}
