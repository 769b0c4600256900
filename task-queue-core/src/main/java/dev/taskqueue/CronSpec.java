package dev.taskqueue;

import dev.taskqueue.internal.TaskLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * When a schedule fires: the five fields of cron, minute, hour, day of month, month and day of week; or one of
 * {@code @hourly @daily @midnight @weekly @monthly @yearly @annually}.
 *
 * <p>A field is {@code *}, a value, a range {@code a-b}, any of these with a step {@code /n}, or a list of those with commas.
 * Months and days of the week also go by their English names of three letters; Sunday is 0 and 7; {@code L} is the last day
 * of the month, {@code 5L} the last Friday of it. Where day of month and day of week are both restricted, that is, neither
 * begins with {@code *}, a day fits that fits one of them; else it must fit both.
 *
 * <p>Where clocks change it does as cronie does. With an hour and a minute that do not begin with {@code *}, a time that the
 * change leaves out (of up to three hours) fires right after it, once for all such times, and one that comes twice fires the
 * first time. All other specs go by elapsed time: each minute that comes and fits fires, and one that does not come does not.
 * A whole day that a zone leaves out, as Apia did on 2011-12-30, is left out.
 *
 * <p>Immutable and thread-safe. Two are equal if their texts are, white space apart.
 */
public final class CronSpec {

    /** How long a spec may be, in characters. */
    public static final int MAX_LENGTH = 512;

    private static final Map<String, String> NICKNAMES = Map.of(
            "@hourly", "0 * * * *",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@weekly", "0 0 * * 0",
            "@monthly", "0 0 1 * *",
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *");

    /** The calendar repeats after so many years, days of the week and all. */
    private static final int CYCLE_YEARS = 400;

    /** A longer jump of the clock is no change to summer time: cronie makes nothing up after one. */
    private static final Duration LONGEST_GAP = Duration.ofHours(3);

    private static final Instant EARLIEST = Instant.parse("0001-01-02T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9500-01-01T00:00:00Z");
    private static final int MINUTES_OF_HOUR = 60;

    private final String text;
    private final CronField.Values minutes;
    private final CronField.Values hours;
    private final CronField.Values daysOfMonth;
    private final CronField.Values months;
    private final CronField.Values daysOfWeek;

    private CronSpec(String text, List<CronField.Values> fields) {
        this.text = text;
        minutes = fields.get(0);
        hours = fields.get(1);
        daysOfMonth = fields.get(2);
        months = fields.get(3);
        daysOfWeek = fields.get(4);
    }

    /**
     * @param text the spec, 1 to {@value #MAX_LENGTH} characters
     * @return it
     * @throws InvalidTaskException if it is none, or no date ever fits it; the message names the field, its value and what is
     *     allowed
     */
    public static CronSpec parse(String text) {
        TaskLimits.checkName("spec", text == null ? null : text.replace('\t', ' '), MAX_LENGTH);
        String plain = String.join(" ", text.strip().split("[ \t]+"));
        String spelledOut = plain;
        if (plain.startsWith("@")) {
            spelledOut = NICKNAMES.get(plain.toLowerCase(Locale.ROOT));
            if (spelledOut == null) {
                throw new InvalidTaskException("spec is " + TaskLimits.quote(plain)
                        + "; allowed are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually");
            }
        }
        String[] words = spelledOut.split(" ");
        if (words.length != CronField.values().length) {
            throw new InvalidTaskException(
                    "spec is " + TaskLimits.quote(plain) + ", of "
                            + (words.length == 1 ? "one field" : words.length + " fields")
                            + "; it must have five, minute, hour, day of month, month and day of week, or be one such as @daily");
        }
        List<CronField.Values> fields = new ArrayList<>();
        for (CronField field : CronField.values()) {
            fields.add(field.parse(words[field.ordinal()]));
        }
        CronSpec spec = new CronSpec(plain, fields);
        LocalDateTime anyDate = LocalDateTime.of(2000, 1, 1, 0, 0);
        if (spec.next(anyDate, anyDate.plusYears(CYCLE_YEARS)) == null) {
            throw new InvalidTaskException("spec is " + TaskLimits.quote(plain)
                    + ", which no date ever fits; day of month must be one that the months have");
        }
        return spec;
    }

    /**
     * @param after any time
     * @param zone whose clock the fields speak of
     * @return when it fires next after that time, in whole minutes of the zone's clock or at the end of a gap in it; empty from
     *     the year 9500 on
     */
    public Optional<Instant> next(Instant after, ZoneId zone) {
        if (!after.isBefore(LATEST)) {
            return Optional.empty();
        }
        ZoneRules rules = zone.getRules();
        Instant from = after.isBefore(EARLIEST) ? EARLIEST : after.plusNanos(1);
        Instant end = from.plus(CYCLE_YEARS * 366L, ChronoUnit.DAYS);
        // Between two changes of the clock there is nothing but the calendar.
        while (from.isBefore(LATEST) && from.isBefore(end)) {
            ZoneOffset offset = rules.getOffset(from);
            ZoneOffsetTransition change = rules.nextTransition(from);
            LocalDateTime first = LocalDateTime.ofInstant(from, offset);
            if (!goesByElapsedTime()) {
                ZoneOffsetTransition before = rules.previousTransition(from.plusNanos(1));
                if (before != null && before.getInstant().equals(from) && isDueAfter(before)) {
                    return Optional.of(from);
                }
                if (before != null && before.isOverlap() && first.isBefore(before.getDateTimeBefore())) {
                    first = before.getDateTimeBefore();
                }
            }
            Instant segmentEnd = change == null || change.getInstant().isAfter(end) ? end : change.getInstant();
            LocalDateTime found = next(first, LocalDateTime.ofInstant(segmentEnd, offset));
            if (found != null) {
                return Optional.of(found.toInstant(offset));
            }
            from = segmentEnd;
        }
        return Optional.empty();
    }

    private boolean goesByElapsedTime() {
        return minutes.star() || hours.star();
    }

    /** Whether a time fits that this change of the clock leaves out. */
    private boolean isDueAfter(ZoneOffsetTransition change) {
        return change.isGap()
                && change.getDuration().compareTo(LONGEST_GAP) <= 0
                && next(change.getDateTimeBefore(), change.getDateTimeAfter()) != null;
    }

    /** The first time of the calendar that fits, from one on and before another; null if there is none. */
    private LocalDateTime next(LocalDateTime from, LocalDateTime limit) {
        LocalDateTime minute = from.truncatedTo(ChronoUnit.MINUTES);
        if (minute.isBefore(from)) {
            minute = minute.plusMinutes(1);
        }
        LocalDate date = minute.toLocalDate();
        int ofDay = minute.getHour() * MINUTES_OF_HOUR + minute.getMinute();
        while (!date.isAfter(limit.toLocalDate())) {
            if (!months.has(date.getMonthValue())) {
                date = date.withDayOfMonth(1).plusMonths(1);
            } else {
                int found = fits(date) ? nextOfDay(ofDay) : -1;
                if (found >= 0) {
                    LocalDateTime time = date.atTime(found / MINUTES_OF_HOUR, found % MINUTES_OF_HOUR);
                    return time.isBefore(limit) ? time : null;
                }
                date = date.plusDays(1);
            }
            ofDay = 0;
        }
        return null;
    }

    private boolean fits(LocalDate date) {
        int day = date.getDayOfMonth();
        int left = date.getMonth().length(Year.isLeap(date.getYear())) - day;
        int weekday = date.getDayOfWeek().getValue() % 7;
        boolean ofMonth = daysOfMonth.has(day) || daysOfMonth.last() && left == 0;
        boolean ofWeek = daysOfWeek.has(weekday) || daysOfWeek.hasLast(weekday) && left < 7;
        return daysOfMonth.star() || daysOfWeek.star() ? ofMonth && ofWeek : ofMonth || ofWeek;
    }

    /** The first minute of a day that fits, from one on; -1 if there is none. */
    private int nextOfDay(int from) {
        long mask = minutes.mask() & -1L << from % MINUTES_OF_HOUR;
        for (int hour = from / MINUTES_OF_HOUR; hour < 24; hour++) {
            if (hours.has(hour) && mask != 0) {
                return hour * MINUTES_OF_HOUR + Long.numberOfTrailingZeros(mask);
            }
            mask = minutes.mask();
        }
        return -1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CronSpec spec && spec.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /**
     * @return the text, with one blank between two fields
     */
    @Override
    public String toString() {
        return text;
    }
}
