package dev.taskqueue;

import java.util.List;
import java.util.Optional;

/**
 * Some dead letters of a queue, newest first. Immutable.
 *
 * @param letters those of the page that the filter took; there may be none though more follow
 * @param searched how many letters were looked at for them
 * @param next where the next page begins; empty after the oldest letter. Letters that come or go meanwhile do not move it
 */
public record DeadLetterPage(List<DeadLetter> letters, int searched, Optional<String> next) {

    /** Copies the letters. */
    public DeadLetterPage {
        letters = List.copyOf(letters);
    }
}
