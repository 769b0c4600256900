package dev.taskqueue.cli;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.internal.TaskLimits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which tasks of a queue a command is about. */
final class PlaceOptions {

    private static final Map<String, List<Place>> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put("ready", TaskFilter.READY.places());
        NAMES.put("ready_high", List.of(Place.READY_HIGH));
        NAMES.put("ready_normal", List.of(Place.READY_NORMAL));
        NAMES.put("ready_low", List.of(Place.READY_LOW));
        NAMES.put("scheduled", List.of(Place.SCHEDULED));
        NAMES.put("running", List.of(Place.PROCESSING));
        NAMES.put("processing", List.of(Place.PROCESSING));
        NAMES.put("parked", List.of(Place.PARKED));
        NAMES.put("suspects", List.of(Place.SUSPECTS));
        NAMES.put("dead", List.of(Place.DEAD));
    }

    @Option(
            names = "--place",
            paramLabel = "PLACE",
            split = ",",
            description =
                    "Where: ready (or ready_high, ready_normal, ready_low), scheduled, running, parked, suspects or "
                            + "dead; several with commas between.")
    private List<String> places = new ArrayList<>();

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Of this type; with * behind it, of types that begin so.")
    private String type;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many, the first of each place.")
    private Long limit;

    /** Whether anything narrows the tasks down. */
    boolean isGiven() {
        return !places.isEmpty() || type != null || limit != null;
    }

    /**
     * @param fallback how many where {@code --limit} does not say
     * @throws InvalidTaskException if it is none
     */
    long limit(long fallback) {
        if (limit != null && limit < 1) {
            throw new InvalidTaskException("--limit is " + limit + "; it must be 1 or more");
        }
        return limit == null ? fallback : limit;
    }

    /**
     * @param byDefault where to look without {@code --place}
     * @param allowed where the command can look
     * @throws InvalidTaskException if a place has another name, or the command has no business there
     */
    TaskFilter filter(Collection<Place> byDefault, Collection<Place> allowed) {
        List<Place> found = new ArrayList<>();
        for (String name : places) {
            List<Place> named = NAMES.getOrDefault(name.strip().toLowerCase(Locale.ROOT), List.of());
            if (named.isEmpty() || !allowed.containsAll(named)) {
                throw new InvalidTaskException("--place is " + TaskLimits.quote(name) + "; here it must be one of "
                        + String.join(
                                ", ",
                                NAMES.keySet().stream()
                                        .filter(one -> !one.equals("processing") && allowed.containsAll(NAMES.get(one)))
                                        .toList()));
            }
            found.addAll(named);
        }
        return new TaskFilter(places.isEmpty() ? List.copyOf(byDefault) : found, type);
    }
}
