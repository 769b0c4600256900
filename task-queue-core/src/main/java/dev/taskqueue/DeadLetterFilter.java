package dev.taskqueue;

import dev.taskqueue.internal.TypePattern;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters: those that all of what is given fits. Immutable.
 *
 * @param type the type of the task, or how it begins with {@code *} behind it; null for any, and for what is no task
 * @param error what the last error holds, in any case of letters; null for any
 * @param reason what the reason holds, in any case of letters; null for any
 * @param since when it died at the earliest; null for ever. A letter that does not say when is left out then
 */
public record DeadLetterFilter(
        @Nullable String type,
        @Nullable String error,
        @Nullable String reason,
        @Nullable Instant since) implements Predicate<DeadLetter> {

    /** Every dead letter. */
    public static final DeadLetterFilter ALL = new DeadLetterFilter(null, null, null, null);

    /**
     * @param pattern a type, or how it begins with {@code *} behind it
     * @return the same filter, of these types
     */
    public DeadLetterFilter withType(String pattern) {
        return new DeadLetterFilter(Objects.requireNonNull(pattern, "pattern"), error, reason, since);
    }

    /**
     * @param text what the last error holds
     * @return the same filter, of these errors
     */
    public DeadLetterFilter withError(String text) {
        return new DeadLetterFilter(type, Objects.requireNonNull(text, "text"), reason, since);
    }

    /**
     * @param text what the reason holds
     * @return the same filter, of these reasons
     */
    public DeadLetterFilter withReason(String text) {
        return new DeadLetterFilter(type, error, Objects.requireNonNull(text, "text"), since);
    }

    /**
     * @param earliest when it died at the earliest
     * @return the same filter, of those that died since
     */
    public DeadLetterFilter withSince(Instant earliest) {
        return new DeadLetterFilter(type, error, reason, Objects.requireNonNull(earliest, "earliest"));
    }

    @Override
    public boolean test(DeadLetter letter) {
        return (type == null
                        || letter.type()
                                .filter(name -> TypePattern.fits(type, name))
                                .isPresent())
                && (error == null || holds(letter.lastError().orElse(""), error))
                && (reason == null || holds(letter.reason(), reason))
                && (since == null
                        || letter.diedAt().filter(died -> !died.isBefore(since)).isPresent());
    }

    private static boolean holds(String text, String part) {
        for (int i = 0; i + part.length() <= text.length(); i++) {
            if (text.regionMatches(true, i, part, 0, part.length())) {
                return true;
            }
        }
        return false;
    }
}
