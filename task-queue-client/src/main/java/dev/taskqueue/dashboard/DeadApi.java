package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.broker.DeadLetters;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.view.DeadLetterView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Dead letters, to be looked at. */
final class DeadApi {

    private static final int LISTED = 100;
    private static final int MAX_LISTED = 500;
    private static final int MAX_SEARCHED = 10_000;

    /** For one by its id. */
    private static final int MAX_SEARCHED_FOR_ID = 100_000;

    /** Of the groups, for which all the letters are read. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final Queues queues;
    private final Redaction redaction;
    private final LongSupplier nanoTime;

    /** By queue, of those that there are. */
    private final Map<String, Shared<ObjectNode>> groups = new ConcurrentHashMap<>();

    DeadApi(Queues queues, Redaction redaction, LongSupplier nanoTime) {
        this.queues = queues;
        this.redaction = redaction;
        this.nanoTime = nanoTime;
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

    /** The newest letters by group, read again after some seconds for whoever asks. */
    Response groups(Request request) throws InterruptedException {
        RedisBroker queue = queues.named(request);
        return Response.ok(groups.computeIfAbsent(
                        queue.queue(), name -> new Shared<>(() -> groups(queue), nanoTime, FRESH))
                .get());
    }

    private static ObjectNode groups(RedisBroker queue) {
        List<DeadLetter> letters = new ArrayList<>();
        Optional<String> from = Optional.empty();
        do {
            DeadLetterPage page = queue.deadLetters().list(DeadLetterFilter.ALL, from, MAX_SEARCHED - letters.size());
            letters.addAll(page.letters());
            from = page.next();
        } while (from.isPresent() && letters.size() < MAX_SEARCHED);
        return new DeadGroups(letters, Instant.now()).view(letters.size(), from.isEmpty());
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
