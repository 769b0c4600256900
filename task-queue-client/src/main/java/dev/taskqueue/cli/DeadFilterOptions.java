package dev.taskqueue.cli;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.broker.DeadLetters;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.config.Durations;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which dead letters a command is about. */
final class DeadFilterOptions {

    private static final int PAGE = 500;

    /** Takes letters as they are read. */
    interface Page {

        void take(List<DeadLetter> letters) throws IOException;
    }

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Of this type; with * behind it, of types that begin so.")
    private String type;

    @Option(names = "--error", paramLabel = "TEXT", description = "Whose last error holds this text.")
    private String error;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Whose reason holds this text.")
    private String reason;

    @Option(
            names = "--since",
            paramLabel = "DURATION|TIME",
            description = "That died within so long, such as 30m or 24h, or since a time such as 2026-12-01T09:00:00Z.")
    private String since;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many, the newest.")
    private Long limit;

    /** Whether anything narrows the letters down. */
    boolean isGiven() {
        return type != null || error != null || reason != null || since != null || limit != null;
    }

    /**
     * Reads the letters, newest first.
     *
     * @param fallback how many at most where {@code --limit} does not say
     * @return how many letters there were
     * @throws InvalidTaskException if an option has a value that is not allowed; the message names it
     */
    long forEachPage(DeadLetters dead, long fallback, Page page) throws IOException {
        long left = limit == null ? fallback : limit;
        if (left < 1) {
            throw new InvalidTaskException("--limit is " + left + "; it must be 1 or more");
        }
        DeadLetterFilter filter = filter();
        long found = 0;
        Optional<String> from = Optional.empty();
        do {
            DeadLetterPage read = dead.list(filter, from, PAGE);
            List<DeadLetter> letters = read.letters();
            letters = letters.subList(0, (int) Math.min(letters.size(), left - found));
            if (!letters.isEmpty()) {
                page.take(letters);
            }
            found += letters.size();
            from = read.next();
        } while (from.isPresent() && found < left);
        return found;
    }

    private DeadLetterFilter filter() {
        DeadLetterFilter filter = new DeadLetterFilter(type, error, reason, null);
        return since == null ? filter : filter.withSince(earliest(since));
    }

    private static Instant earliest(String text) {
        try {
            return Durations.parse(text)
                    .map(age -> Instant.now().minus(age))
                    .orElseGet(() -> OffsetDateTime.parse(text.strip()).toInstant());
        } catch (DateTimeException | ArithmeticException e) {
            throw new InvalidTaskException(
                    "--since is " + TaskLimits.quote(text)
                            + "; it must be a duration such as 30m or 24h, or a time with its zone, such as 2026-12-01T09:00:00Z",
                    e);
        }
    }
}
