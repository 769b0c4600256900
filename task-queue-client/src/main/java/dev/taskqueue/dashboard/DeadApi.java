package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.broker.DeadLetters;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.view.DeadGroups;
import dev.taskqueue.view.DeadLetterView;
import java.time.Instant;
import java.util.Optional;

/** Dead letters, to be looked at. */
final class DeadApi {

    private static final int LISTED = 100;
    private static final int MAX_LISTED = 500;
    private static final int MAX_SEARCHED = 10_000;

    /** For one by its id. */
    private static final int MAX_SEARCHED_FOR_ID = 100_000;

    private final Queues queues;
    private final Redaction redaction;

    DeadApi(Queues queues, Redaction redaction) {
        this.queues = queues;
        this.redaction = redaction;
    }

    Response list(Request request) {
        Paging.Page<DeadLetter> page = paging(queues.named(request).deadLetters())
                .read(
                        filter(request.query()),
                        request.query().text("cursor"),
                        request.query().number("limit", LISTED, 1, MAX_LISTED),
                        MAX_SEARCHED);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode letters = body.putArray("letters");
        page.entries().forEach(letter -> letters.add(view(letter)));
        body.put("searched", page.searched());
        page.next().ifPresent(next -> body.put("next", next));
        return Response.ok(body);
    }

    private static DeadLetterFilter filter(Parameters query) {
        return new DeadLetterFilter(
                query.text("type").orElse(null),
                query.text("error").orElse(null),
                query.text("reason").orElse(null),
                query.since("since").orElse(null));
    }

    /** The newest letters by group. */
    Response groups(Request request) {
        DeadLetters dead = queues.named(request).deadLetters();
        return Response.ok(DeadGroups.of((from, max) -> dead.list(DeadLetterFilter.ALL, from, max), Instant.now()));
    }

    Response show(Request request) {
        String id = request.path("id");
        Paging.Page<DeadLetter> page = paging(queues.named(request).deadLetters())
                .read(letter -> letter.id().equals(id), Optional.empty(), 1, MAX_SEARCHED_FOR_ID);
        if (page.entries().isEmpty()) {
            throw Problem.notFound(
                    "no dead letter " + TaskLimits.quote(id) + " is among the newest " + page.searched());
        }
        return Response.ok(view(page.entries().get(0)));
    }

    /** Newest first. */
    static Paging<DeadLetter> paging(DeadLetters dead) {
        return new Paging<>(
                (from, max) -> {
                    DeadLetterPage page = dead.list(DeadLetterFilter.ALL, from, max);
                    return new Paging.Page<>(page.letters(), page.searched(), page.next());
                },
                letter -> letter.json().size());
    }

    private ObjectNode view(DeadLetter letter) {
        ObjectNode fields = DeadLetterView.of(letter);
        if (!redaction.isEmpty()) {
            fields.putRawValue(
                    "letter",
                    new RawValue(
                            redaction.letter(letter.json(), letter.retryable()).toString()));
        }
        return fields;
    }
}
