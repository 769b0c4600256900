package dev.taskqueue.broker.internal;

import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.TypePattern;
import java.util.ArrayList;
import java.util.List;

/**
 * Which queue takes the tasks of which types: the first route whose pattern fits.
 *
 * @param all in their order
 */
public record Routes(List<Route> all) {

    /** None: all tasks go to the broker's own queue. */
    public static final Routes NONE = new Routes(List.of());

    /** A task's type is compared with so many at most. */
    public static final int MAX = 1_000;

    /**
     * @param pattern a type, or the beginning of some with {@code *} behind it
     * @param queue where their tasks go
     */
    public record Route(String pattern, String queue) {

        boolean fits(String type) {
            return TypePattern.fits(pattern, type);
        }

        /** Whether every type that the other one fits is one of this one's too. */
        private boolean covers(Route other) {
            return TypePattern.fits(pattern, other.pattern);
        }
    }

    /**
     * @param pattern a type, or the beginning of some with {@code *} behind it; {@code *} alone fits all
     * @param queue where their tasks go
     * @return these routes, and behind them that one
     * @throws IllegalArgumentException if the pattern or the name is not allowed, an earlier route leaves it no type, or there
     *     are {@value #MAX} already
     */
    public Routes with(String pattern, String queue) {
        checkPattern(pattern);
        Keys.check(queue);
        Route route = new Route(pattern, queue);
        for (Route earlier : all) {
            if (earlier.covers(route)) {
                throw new IllegalArgumentException("route pattern is " + quote(pattern) + "; the route "
                        + quote(earlier.pattern) + " before it takes all of its types");
            }
        }
        if (all.size() == MAX) {
            throw new IllegalArgumentException("there are more than " + MAX + " routes");
        }
        List<Route> more = new ArrayList<>(all);
        more.add(route);
        return new Routes(List.copyOf(more));
    }

    private static void checkPattern(String pattern) {
        if (pattern == null || pattern.isBlank() || pattern.length() > TaskLimits.TYPE_LENGTH + 1) {
            throw new IllegalArgumentException("route pattern is " + quote(pattern) + "; it must be a type of 1 to "
                    + TaskLimits.TYPE_LENGTH + " characters, or the beginning of some with * behind it");
        }
        if (pattern.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "route pattern is " + quote(pattern) + "; control characters are not allowed");
        }
        if (pattern.indexOf('*') >= 0 && pattern.indexOf('*') < pattern.length() - 1) {
            throw new IllegalArgumentException(
                    "route pattern is " + quote(pattern) + "; * is allowed at its end alone");
        }
    }

    /** For a message: nothing of what may be an address with a password. */
    private static String quote(String pattern) {
        if (pattern == null || pattern.indexOf('@') >= 0) {
            return pattern == null ? "null" : "(not shown)";
        }
        return TaskLimits.quote(pattern);
    }
}
