package dev.taskqueue.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Reads entries until there are as many as asked for, and no more: of entries looked at, of entries, of bytes.
 *
 * @param source reads a page of all entries
 * @param size how many bytes an entry has, about
 * @param <T> the entries
 */
record Paging<T>(Source<T> source, ToLongFunction<T> size) {

    /** An answer is not much larger than that, as the next entry may be as large as a task. */
    private static final int MAX_BYTES = 4 << 20;

    private static final int PAGE = 500;

    /** Reads a page of all entries, from a cursor on. */
    interface Source<T> {

        Page<T> read(Optional<String> from, int max);
    }

    /**
     * Some entries.
     *
     * @param searched how many were looked at for them
     * @param next where to go on; empty after the last
     */
    record Page<T>(List<T> entries, int searched, Optional<String> next) {}

    /**
     * @param filter which entries
     * @param from where to begin; empty for the beginning
     * @param max how many, at most
     * @param maxSearched how many to look at for them; a page more at most
     */
    Page<T> read(Predicate<T> filter, Optional<String> from, int max, int maxSearched) {
        List<T> found = new ArrayList<>();
        Optional<String> at = from;
        int searched = 0;
        long bytes = 0;
        do {
            Page<T> page = source.read(at, PAGE);
            int looked = 0;
            for (T entry : page.entries()) {
                looked++;
                if (filter.test(entry)) {
                    found.add(entry);
                    bytes += size.applyAsLong(entry);
                    if (found.size() == max || bytes > MAX_BYTES) {
                        break;
                    }
                }
            }
            searched += looked;
            if (looked < page.entries().size()) {
                // The cursor behind an entry in the midst of a page is that of a page which ends there.
                return new Page<>(found, searched, source.read(at, looked).next());
            }
            at = page.next();
        } while (at.isPresent() && found.size() < max && bytes <= MAX_BYTES && searched < maxSearched);
        return new Page<>(found, searched, at);
    }
}
