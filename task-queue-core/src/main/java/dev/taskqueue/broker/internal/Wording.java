package dev.taskqueue.broker.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** How sentences for people put numbers, times, and texts that anybody can have written. */
final class Wording {

    private static final int MOST_CHARS = 300;

    private Wording() {}

    /** Of a thousand and more with commas. */
    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** The number and what is counted, in the plural unless it is one. */
    static String count(long number, String noun) {
        return number(number) + " " + noun + (number == 1 ? "" : "s");
    }

    /** Such as {@code 1,234th}. */
    static String ordinal(long number) {
        long tens = number % 100;
        String end = tens >= 11 && tens <= 13
                ? "th"
                : switch ((int) (number % 10)) {
                    case 1 -> "st";
                    case 2 -> "nd";
                    case 3 -> "rd";
                    default -> "th";
                };
        return number(number) + end;
    }

    /** Its two largest units. */
    static String span(Duration duration) {
        long seconds = Math.max(0, duration.getSeconds());
        if (seconds < 1) {
            return Math.max(0, duration.toMillis()) + " ms";
        } else if (seconds < 60) {
            return seconds + " s";
        } else if (seconds < 3_600) {
            return two(seconds / 60, " min", seconds % 60, " s");
        } else if (seconds < 48 * 3_600) {
            return two(seconds / 3_600, " h", seconds % 3_600 / 60, " min");
        }
        return two(seconds / 86_400, " days", seconds % 86_400 / 3_600, " h");
    }

    private static String two(long first, String unit, long second, String smaller) {
        return number(first) + unit + (second == 0 ? "" : " " + second + smaller);
    }

    /** The time itself, and how long ago or from now that is. */
    static String at(Instant time, Instant now) {
        return time + (time.isAfter(now) ? " (in " + span(Duration.between(now, time)) + ")" : ago(time, now));
    }

    private static String ago(Instant time, Instant now) {
        return " (" + span(Duration.between(time, now)) + " ago)";
    }

    /** One line of bounded length. */
    static String line(String text) {
        String start = text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS) + "…";
        return start.replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]+", " ")
                .strip();
    }

    /** In quotes, one line of bounded length. */
    static String quote(String text) {
        return "\"" + line(text) + "\"";
    }

    /**
     * A command about one task, to be copied. An id can be anything, {@code --all} too, which no quotes keep from being an
     * option: behind {@code --} it is none.
     */
    static String command(String verb, String id, String queue) {
        String options = " --queue " + argument(queue);
        return "client.jar " + verb
                + (line(id).startsWith("-") ? options + " -- " + argument(id) : " " + argument(id) + options);
    }

    /** As an argument on a command line, to be copied. */
    static String argument(String text) {
        String line = line(text);
        return line.matches("[\\w.:@%+,/-]+") && !line.startsWith("-") ? line : "'" + line.replace("'", "'\\''") + "'";
    }
}
