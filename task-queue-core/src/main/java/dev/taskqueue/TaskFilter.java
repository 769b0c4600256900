package dev.taskqueue;

import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.TypePattern;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a queue: those in some of its places that a pattern fits. Immutable.
 *
 * @param places where to look, in this order; one or more
 * @param type the type of the task, or how it begins with {@code *} behind it; null for any, and for what is no task
 */
public record TaskFilter(List<Place> places, @Nullable String type) implements Predicate<TaskEntry> {

    /** What is ready to run, in the order of its lanes: high, normal, low. */
    public static final TaskFilter READY = of(Place.READY_HIGH, Place.READY_NORMAL, Place.READY_LOW);

    /** What waits for anything: ready, scheduled, or for a worker that knows its type. */
    public static final TaskFilter WAITING =
            of(Place.READY_HIGH, Place.READY_NORMAL, Place.READY_LOW, Place.SCHEDULED, Place.PARKED);

    /**
     * Copies the places; one that is named twice counts once.
     *
     * @throws InvalidTaskException if there is no place
     */
    public TaskFilter {
        TaskLimits.checkPresent("places", places);
        places = places.stream().distinct().toList();
        if (places.isEmpty()) {
            throw new InvalidTaskException("places is empty; it must name one place at least");
        }
    }

    /**
     * @param places where to look, in this order; one or more
     * @return a filter of everything there
     */
    public static TaskFilter of(Place... places) {
        return new TaskFilter(List.of(places), null);
    }

    /**
     * @param pattern a type, or how it begins with {@code *} behind it
     * @return the same filter, of these types
     */
    public TaskFilter withType(String pattern) {
        return new TaskFilter(places, Objects.requireNonNull(pattern, "pattern"));
    }

    /**
     * @return whether the entry is in one of the places, and the pattern fits
     */
    @Override
    public boolean test(TaskEntry entry) {
        return places.contains(entry.place())
                && (type == null
                        || entry.type()
                                .filter(name -> TypePattern.fits(type, name))
                                .isPresent());
    }
}
