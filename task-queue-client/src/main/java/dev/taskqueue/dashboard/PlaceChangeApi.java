package dev.taskqueue.dashboard;

import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.broker.RedisBroker;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Takes waiting tasks out of a queue, or moves them to another. */
final class PlaceChangeApi {

    private static final int CHANGED = 1_000;
    private static final int MAX_CHANGED = 10_000;

    /** What runs is cancelled one by one, and dead letters are deleted. */
    private static final Set<Place> PURGED = EnumSet.complementOf(EnumSet.of(Place.PROCESSING, Place.DEAD));

    private static final Set<Place> MOVED = EnumSet.complementOf(EnumSet.of(Place.PROCESSING, Place.SUSPECTS));

    private final Queues queues;

    PlaceChangeApi(Queues queues) {
        this.queues = queues;
    }

    Response purge(Request request) throws IOException, InterruptedException {
        RedisBroker broker = queues.view(request.path("queue"));
        Body body = request.body(Set.of("places", "type", "all", "reason", "dry_run", "limit", "rate", "cursor"));
        String reason = body.text("reason").orElse("");
        return change(
                request,
                body,
                broker,
                PURGED,
                new Bulk.Deed<>(
                        "purged",
                        "",
                        entry -> true,
                        entries -> broker.tasks().purge(entries, reason).size()),
                " reason=" + Audit.plain(reason));
    }

    Response move(Request request) throws IOException, InterruptedException {
        RedisBroker broker = queues.view(request.path("queue"));
        Body body = request.body(Set.of("to", "places", "type", "all", "dry_run", "limit", "rate", "cursor"));
        String to =
                body.text("to").orElseThrow(() -> Problem.invalid("to", "to is missing: the name of the other queue"));
        String other = queues.view(to).queue();
        return change(
                request,
                body,
                broker,
                MOVED,
                new Bulk.Deed<>(
                        "moved",
                        "",
                        entry -> true,
                        entries -> broker.tasks().move(entries, other).moved().size()),
                " to=" + Audit.plain(other));
    }

    private static Response change(
            Request request, Body body, RedisBroker broker, Set<Place> able, Bulk.Deed<TaskEntry> deed, String note)
            throws InterruptedException {
        List<Place> places = PlaceApi.places("places", body.texts("places", 10));
        for (Place place : places) {
            if (!able.contains(place)) {
                throw Problem.invalid(
                        "places",
                        "nothing can be " + deed.past() + " from "
                                + place.name().toLowerCase(Locale.ROOT));
            }
        }
        Optional<String> type = body.text("type");
        if (places.isEmpty() && type.isEmpty() && !body.flag("all")) {
            throw Problem.invalid(null, "one of these must be given: places, type, or \"all\": true");
        }
        // Dead letters only where they are named.
        List<Place> from = places.isEmpty() ? TaskFilter.WAITING.places() : places;
        Bulk<TaskEntry> bulk = new Bulk<>(
                PlaceApi.paging(broker.tasks(), from),
                deed,
                body.flag("dry_run"),
                body.number("rate", Integer.MAX_VALUE, 1, 100_000));
        try {
            bulk.byFilter(
                    new TaskFilter(from, type.orElse(null)),
                    body.text("cursor"),
                    body.number("limit", CHANGED, 1, MAX_CHANGED));
        } finally {
            request.note("places=" + from + " type=" + Audit.plain(type.orElse("")) + note + " " + bulk.summary());
        }
        return Response.ok(bulk.view());
    }
}
