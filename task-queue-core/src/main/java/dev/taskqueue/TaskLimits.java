package dev.taskqueue;

import java.time.Duration;

/** What a task's fields may hold: one place for each bound and for the sentence that names it. */
final class TaskLimits {

    static final int ID_LENGTH = 128;
    static final int TYPE_LENGTH = 128;
    static final int IDEMPOTENCY_KEY_LENGTH = 256;
    static final int MAX_RETRIES = 10_000;
    static final long MAX_TIMEOUT_MILLIS = 7L * 24 * 60 * 60 * 1000;

    private static final int QUOTED_LENGTH = 60;

    private TaskLimits() {}

    static void checkName(String field, String value, int maxLength) {
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

    static void checkRange(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new InvalidTaskException(field + " is " + value + "; allowed is " + min + " to " + max);
        }
    }

    /** In milliseconds; a duration too long for that counts as the longest. */
    static long millis(Duration duration) {
        try {
            return duration.toMillis();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /** Quotes a value for a message: short enough for a log line, and without line breaks that could forge one. */
    static String quote(String value) {
        return '"' + shorten(value) + '"';
    }

    /** The beginning of a text, without line breaks and halves of surrogate pairs. */
    static String shorten(String value) {
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
