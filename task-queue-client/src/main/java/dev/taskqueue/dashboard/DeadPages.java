package dev.taskqueue.dashboard;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.broker.DeadLetters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads dead letters until there are as many as asked for, and no more: of letters looked at, of letters, of bytes. */
final class DeadPages {

    /** An answer is not much larger than that, as the next letter may be as large as a task. */
    private static final int MAX_BYTES = 4 << 20;

    private static final int PAGE = 500;

    private DeadPages() {}

    /**
     * @param filter which letters
     * @param from where to begin; empty for the newest
     * @param max how many letters, at most
     * @param maxSearched how many to look at for them; a page more at most
     * @return the letters, how many were looked at, and where to go on
     */
    static DeadLetterPage read(
            DeadLetters dead, Predicate<DeadLetter> filter, Optional<String> from, int max, int maxSearched) {
        List<DeadLetter> letters = new ArrayList<>();
        Optional<String> at = from;
        int searched = 0;
        long bytes = 0;
        do {
            DeadLetterPage page = dead.list(DeadLetterFilter.ALL, at, PAGE);
            int looked = 0;
            for (DeadLetter letter : page.letters()) {
                looked++;
                if (filter.test(letter)) {
                    letters.add(letter);
                    bytes += letter.json().size();
                    if (letters.size() == max || bytes > MAX_BYTES) {
                        break;
                    }
                }
            }
            searched += looked;
            if (looked < page.letters().size()) {
                // The cursor behind a letter in the midst of a page is that of a page which ends there.
                return new DeadLetterPage(
                        letters,
                        searched,
                        dead.list(DeadLetterFilter.ALL, at, looked).next());
            }
            at = page.next();
        } while (at.isPresent() && letters.size() < max && bytes <= MAX_BYTES && searched < maxSearched);
        return new DeadLetterPage(letters, searched, at);
    }
}
