package dev.taskqueue.dashboard;

import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.config.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The query of a request, checked. */
final class Parameters {

    private static final int MAX_VALUE_LENGTH = 1_024;

    private final Map<String, String> values;

    /**
     * @param allowed the names that it may have
     * @throws Problem if there is another: a filter that is misspelt must not mean everything
     */
    Parameters(Map<String, String> values, Set<String> allowed) {
        this.values = values;
        values.forEach((name, value) -> {
            if (!allowed.contains(name)) {
                throw Problem.invalid(
                        TaskLimits.shorten(name),
                        "there is no parameter " + TaskLimits.quote(name) + " here"
                                + (allowed.isEmpty() ? "" : "; there are " + String.join(", ", sorted(allowed))));
            }
            if (value.length() > MAX_VALUE_LENGTH) {
                throw Problem.invalid(
                        name, name + " is " + value.length() + " characters long; at most " + MAX_VALUE_LENGTH);
            }
        });
    }

    private static Iterable<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    Map<String, String> all() {
        return values;
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
    }

    int number(String name, int fallback, int min, int max) {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            return fallback;
        }
        String value = text.get();
        if (value.matches("\\d{1,9}")) {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        }
        throw Problem.invalid(
                name,
                name + " is " + TaskLimits.quote(value) + "; it must be a whole number from " + min + " to " + max);
    }

    Optional<Duration> duration(String name, Duration max) {
        return text(name).map(text -> duration(name, text, max));
    }

    static Duration duration(String name, String text, Duration max) {
        return Durations.parse(text)
                .filter(duration -> duration.compareTo(max) <= 0)
                .orElseThrow(() -> Problem.invalid(
                        name,
                        name + " is " + TaskLimits.quote(text)
                                + "; it must be a duration such as 500ms, 30s or 10m, at most "
                                + Durations.format(max)));
    }

    Optional<Instant> since(String name) {
        return text(name).map(text -> since(name, text));
    }

    /** How long ago, or a time. */
    static Instant since(String name, String text) {
        try {
            return Durations.parse(text)
                    .map(age -> Instant.now().minus(age))
                    .orElseGet(() -> OffsetDateTime.parse(text.strip()).toInstant());
        } catch (DateTimeException | ArithmeticException e) {
            throw Problem.invalid(
                    name,
                    name + " is " + TaskLimits.quote(text)
                            + "; it must be a duration such as 30m or 24h, or a time with its zone, such as 2026-12-01T09:00:00Z");
        }
    }
}
