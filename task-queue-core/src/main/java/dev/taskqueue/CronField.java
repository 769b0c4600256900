package dev.taskqueue;

import dev.taskqueue.internal.TaskLimits;
import java.util.List;
import java.util.Locale;

/** One of the five fields of a {@link CronSpec}, in their order: what it may hold, and how that is read. */
enum CronField {
    MINUTE("minute", 0, 59, List.of()),
    HOUR("hour", 0, 23, List.of()),
    DAY_OF_MONTH("day of month", 1, 31, List.of()),
    MONTH("month", 1, 12, List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    /** 0 and 7 are Sunday. */
    DAY_OF_WEEK("day of week", 0, 7, List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"));

    /**
     * What a field holds.
     *
     * @param mask a bit for each value
     * @param star whether it begins with {@code *}, with a step or without: cron asks that where two fields meet
     * @param last whether it holds {@code L}, the last day of a month
     * @param lastWeekdays a bit for each day of the week whose last one in a month it holds, such as {@code 5L}
     */
    record Values(long mask, boolean star, boolean last, long lastWeekdays) {

        boolean has(int value) {
            return (mask >> value & 1) != 0;
        }

        boolean hasLast(int weekday) {
            return (lastWeekdays >> weekday & 1) != 0;
        }
    }

    private static final int DAYS_OF_WEEK = 7;

    private final String title;
    private final int min;
    private final int max;
    private final List<String> names;

    CronField(String title, int min, int max, List<String> names) {
        this.title = title;
        this.min = min;
        this.max = max;
        this.names = names;
    }

    /**
     * @param text the field: a list of values, ranges and steps
     * @return what it holds
     * @throws InvalidTaskException if it is not allowed; the message names the field, its value and what is allowed
     */
    Values parse(String text) {
        long mask = 0;
        boolean last = false;
        long lastWeekdays = 0;
        for (String part : text.toUpperCase(Locale.ROOT).split(",", -1)) {
            if (this == DAY_OF_MONTH && part.equals("L")) {
                last = true;
            } else if (this == DAY_OF_WEEK && part.length() > 1 && part.endsWith("L")) {
                lastWeekdays |= 1L << value(part.substring(0, part.length() - 1), text) % DAYS_OF_WEEK;
            } else {
                mask |= range(part, text);
            }
        }
        return new Values(mask, text.startsWith("*"), last, lastWeekdays);
    }

    /** {@code *}, {@code a}, {@code a-b}, each also with {@code /step}; {@code a/step} goes on to the end. */
    private long range(String part, String text) {
        int slash = part.indexOf('/');
        String range = slash < 0 ? part : part.substring(0, slash);
        int step = slash < 0 ? 1 : number(part.substring(slash + 1));
        if (step < 1 || step > max) {
            throw invalid(text, "; a step is 1 to " + max);
        }
        int dash = range.indexOf('-');
        int from;
        int to;
        if (range.equals("*")) {
            from = min;
            to = this == DAY_OF_WEEK ? max - 1 : max;
        } else if (dash < 0) {
            from = value(range, text);
            to = slash < 0 ? from : this == DAY_OF_WEEK ? Math.max(from, max - 1) : max;
        } else {
            from = value(range.substring(0, dash), text);
            to = value(range.substring(dash + 1), text);
            if (this == DAY_OF_WEEK && to == 0 && from > 0) {
                // FRI-SUN.
                to = DAYS_OF_WEEK;
            }
            if (from > to) {
                throw invalid(text, "; a range must not run backwards");
            }
        }
        long mask = 0;
        for (int value = from; value <= to; value += step) {
            mask |= 1L << (this == DAY_OF_WEEK ? value % DAYS_OF_WEEK : value);
        }
        return mask;
    }

    private int value(String word, String text) {
        int name = names.indexOf(word);
        int value = name >= 0 ? name + min : number(word);
        if (value < min || value > max) {
            throw invalid(text, "");
        }
        return value;
    }

    /** -1 for what is no number, or a longer one than any field has. */
    private static int number(String word) {
        return word.matches("[0-9]{1,2}") ? Integer.parseInt(word) : -1;
    }

    private InvalidTaskException invalid(String text, String why) {
        return new InvalidTaskException(title + " is " + TaskLimits.quote(text) + why + "; allowed are " + min + " to "
                + max
                + (names.isEmpty() ? "" : ", " + names.get(0) + " to " + names.get(names.size() - 1))
                + switch (this) {
                    case DAY_OF_MONTH -> ", L (the last day)";
                    case DAY_OF_WEEK -> ", 5L (the last Friday)";
                    default -> "";
                }
                + ", *, ranges such as " + min + "-" + (min + 4)
                + ", steps such as */2, and lists of those with commas");
    }
}
