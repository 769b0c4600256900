package dev.taskqueue.internal;

import dev.taskqueue.InvalidTaskException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a task's fields may hold: one place for each bound and for the sentence that names it. */
public final class TaskLimits {

    public static final int ID_LENGTH = 128;
    public static final int TYPE_LENGTH = 128;
    public static final int IDEMPOTENCY_KEY_LENGTH = 256;
    public static final int UNIQUE_KEY_LENGTH = 256;
    public static final int MAX_RETRIES = 10_000;
    public static final long MAX_TIMEOUT_MILLIS = 7L * 24 * 60 * 60 * 1000;
    public static final long MIN_UNIQUE_TTL_MILLIS = 1_000;
    public static final long MAX_UNIQUE_TTL_MILLIS = 365L * 24 * 60 * 60 * 1000;

    /** The end of the year 9999: the last that ISO 8601 writes with four digits. */
    public static final long MAX_TIME_MILLIS = 253_402_300_799_999L;

    private static final int QUOTED_LENGTH = 60;

    private TaskLimits() {}

    /**
     * @param field the field
     * @param value its value
     * @throws InvalidTaskException if it is null
     */
    public static void checkPresent(String field, @Nullable Object value) {
        if (value == null) {
            throw new InvalidTaskException(field + " is null; leave it out, or give it a value");
        }
    }

    /**
     * @param field the field
     * @param value its value
     * @param maxLength how many characters it may have
     * @throws InvalidTaskException if it is missing, blank, too long, or not printable
     */
    public static void checkName(String field, @Nullable String value, int maxLength) {
        if (value == null || value.isBlank()) {
            throw new InvalidTaskException(
                    field + " is missing or blank; it must be 1 to " + maxLength + " characters");
        }
        if (value.length() > maxLength) {
            throw new InvalidTaskException(field + " is " + value.length() + " characters long (" + quote(value)
                    + "); at most " + maxLength + " are allowed");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c) || Character.isSurrogate(c) && !isPaired(value, i)) {
                throw new InvalidTaskException(
                        field + " is " + quote(value) + "; control characters and broken surrogates are not allowed");
            }
        }
    }

    /**
     * @param field the field
     * @param value its value
     * @param min the least that is allowed
     * @param max the most
     * @throws InvalidTaskException if it is out of that range
     */
    public static void checkRange(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new InvalidTaskException(field + " is " + value + "; allowed is " + min + " to " + max);
        }
    }

    /**
     * @param duration any
     * @return it in milliseconds; one too long for that counts as the longest
     */
    public static long millis(Duration duration) {
        try {
            return duration.toMillis();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /**
     * @param field the field
     * @param time its value
     * @return it in milliseconds since the epoch, a part of one left out
     * @throws InvalidTaskException if it is before 1970 or after 9999
     */
    public static long time(String field, Instant time) {
        if (time.getEpochSecond() < 0 || time.getEpochSecond() > MAX_TIME_MILLIS / 1_000) {
            throw new InvalidTaskException(field + " is " + time + "; allowed is 1970-01-01T00:00:00Z to "
                    + Instant.ofEpochMilli(MAX_TIME_MILLIS));
        }
        return time.toEpochMilli();
    }

    /**
     * Like {@link #time}, with a part of a millisecond counted as a whole one: what is not to be before that time is not.
     *
     * @param field the field
     * @param time its value
     * @return it in milliseconds since the epoch
     * @throws InvalidTaskException if it is before 1970 or after 9999
     */
    public static long timeUp(String field, Instant time) {
        long millis = time(field, time);
        return time.getNano() % 1_000_000 == 0 ? millis : Math.min(millis + 1, MAX_TIME_MILLIS);
    }

    /**
     * @param value any text
     * @return it in quotes: short enough for a log line, and without line breaks that could forge one
     */
    public static String quote(String value) {
        return '"' + shorten(value) + '"';
    }

    /**
     * @param value any text
     * @return its beginning, without line breaks and halves of surrogate pairs
     */
    public static String shorten(String value) {
        StringBuilder shown = new StringBuilder();
        value.codePoints()
                .limit(QUOTED_LENGTH)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '?' : c)
                .forEach(shown::appendCodePoint);
        return shown.append(value.codePointCount(0, value.length()) <= QUOTED_LENGTH ? "" : "…")
                .toString();
    }

    private static boolean isPaired(String value, int i) {
        return Character.isHighSurrogate(value.charAt(i))
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    }
}
