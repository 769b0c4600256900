package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.Tasks;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.view.TaskView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** Tasks in their places: lists by place or by state, and one entry with its payload. */
final class PlaceApi {

    private static final int LISTED = 100;
    private static final int MAX_LISTED = 500;
    private static final int MAX_SEARCHED = 10_000;

    private final Queues queues;
    private final Redaction redaction;

    PlaceApi(Queues queues, Redaction redaction) {
        this.queues = queues;
        this.redaction = redaction;
    }

    Response list(Request request) {
        Parameters query = request.query();
        Optional<TaskState> state = query.text("state").map(PlaceApi::state);
        if (state.isPresent() && query.text("place").isPresent()) {
            throw Problem.invalid("place", "state and place are both given; only one is allowed");
        }
        List<Place> places = query.text("place")
                .map(text -> places("place", Arrays.asList(text.split(","))))
                .orElseGet(() -> state.map(PlaceApi::of).orElse(List.of(Place.values())));
        TaskFilter filter = new TaskFilter(places, query.text("type").orElse(null));
        Predicate<TaskEntry> wanted =
                entry -> filter.test(entry) && state.map(entry.state()::equals).orElse(true);
        Paging.Page<TaskEntry> page = paging(queues.named(request).tasks(), places)
                .read(wanted, query.text("cursor"), query.number("limit", LISTED, 1, MAX_LISTED), MAX_SEARCHED);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode tasks = body.putArray("tasks");
        page.entries().forEach(entry -> tasks.add(TaskView.of(entry, true)));
        body.put("searched", page.searched());
        page.next().ifPresent(next -> body.put("next", next));
        return Response.ok(body);
    }

    /** Reads entries of these places, in their order. */
    static Paging<TaskEntry> paging(Tasks tasks, List<Place> places) {
        TaskFilter all = new TaskFilter(places, null);
        return new Paging<>(
                (from, max) -> {
                    TaskPage page = tasks.list(all, from, max);
                    return new Paging.Page<>(page.entries(), page.searched(), page.next());
                },
                entry -> entry.task().map(task -> (long) task.payload().size()).orElse(100L));
    }

    static List<Place> places(String field, List<String> names) {
        List<Place> places = new ArrayList<>();
        for (String name : names) {
            places.add(Arrays.stream(Place.values())
                    .filter(place -> place.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> Problem.invalid(
                            field,
                            field + " holds " + TaskLimits.quote(name) + "; allowed are "
                                    + Arrays.stream(Place.values())
                                            .map(place -> place.name().toLowerCase(Locale.ROOT))
                                            .toList())));
        }
        return places;
    }

    private static TaskState state(String name) {
        return switch (name) {
            case "pending", "scheduled", "running", "retrying", "dead" -> TaskState.ofWireName(name);
            default ->
                throw Problem.invalid(
                        "state",
                        "state is " + TaskLimits.quote(name)
                                + "; allowed are pending, scheduled, running, retrying and dead; those that have ended are in /api/recent");
        };
    }

    private static List<Place> of(TaskState state) {
        return switch (state) {
            case RUNNING -> List.of(Place.PROCESSING);
            case SCHEDULED, RETRYING -> List.of(Place.SCHEDULED);
            case DEAD -> List.of(Place.DEAD);
            default -> List.of(Place.READY_HIGH, Place.READY_NORMAL, Place.READY_LOW, Place.SUSPECTS, Place.PARKED);
        };
    }

    Response show(Request request) {
        String id = request.path("id");
        return Response.ok(whole(queues.find(request, id)
                .orElseThrow(() -> Problem.notFound("no entry " + TaskLimits.quote(id)
                        + " was found; a task that has ended has none, and of a long list a part is searched"))));
    }

    private ObjectNode whole(TaskEntry entry) {
        ObjectNode fields = TaskView.of(entry, true);
        try {
            RawJson json =
                    redaction.letter(RawJson.parse(entry.raw()), entry.task().isPresent());
            fields.putRawValue("entry", new RawValue(json.toString()));
        } catch (InvalidTaskException e) {
            fields.put(
                    "raw_base64",
                    redaction.isEmpty() ? Base64.getEncoder().encodeToString(entry.raw()) : Redaction.INSTEAD);
        }
        return fields;
    }
}
