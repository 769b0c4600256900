package dev.taskqueue.dashboard;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.broker.DeadLetters;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Takes dead letters out, by ids, by a filter, or all. */
final class DeadChangeApi {

    private static final int MAX_IDS = 1_000;
    private static final int CHANGED = 1_000;
    private static final int MAX_CHANGED = 10_000;

    private final Queues queues;
    private final Function<DeadLetters, Bulk.Deed<DeadLetter>> deed;

    private DeadChangeApi(Queues queues, Function<DeadLetters, Bulk.Deed<DeadLetter>> deed) {
        this.queues = queues;
        this.deed = deed;
    }

    static DeadChangeApi retry(Queues queues) {
        return new DeadChangeApi(
                queues,
                dead -> new Bulk.Deed<>(
                        "retried",
                        "not_tasks",
                        DeadLetter::retryable,
                        letters -> dead.retry(letters).size()));
    }

    static DeadChangeApi delete(Queues queues) {
        return new DeadChangeApi(
                queues,
                dead -> new Bulk.Deed<>(
                        "deleted",
                        "not_tasks",
                        letter -> true,
                        letters -> dead.delete(letters).size()));
    }

    Response change(Request request) throws IOException, InterruptedException {
        DeadLetters dead = queues.named(request).deadLetters();
        Body body = request.body(Set.of("ids", "filter", "all", "dry_run", "limit", "rate", "cursor"));
        List<String> ids = body.texts("ids", MAX_IDS);
        Optional<DeadLetterFilter> filter = filter(body);
        check(body, ids, filter);
        int limit = body.number("limit", CHANGED, 1, MAX_CHANGED);
        int rate = body.number("rate", Integer.MAX_VALUE, 1, 100_000);
        Bulk<DeadLetter> bulk = new Bulk<>(DeadApi.paging(dead), deed.apply(dead), body.flag("dry_run"), rate);
        try {
            if (ids.isEmpty()) {
                bulk.byFilter(filter.orElse(DeadLetterFilter.ALL), body.text("cursor"), limit);
            } else {
                bulk.byIds(ids, DeadLetter::id);
            }
        } finally {
            request.note(what(ids, filter) + " " + bulk.summary());
        }
        return Response.ok(bulk.view());
    }

    private static Optional<DeadLetterFilter> filter(Body body) {
        return body.object("filter", Set.of("type", "error", "reason", "since"))
                .map(fields -> new DeadLetterFilter(
                        fields.text("type").orElse(null),
                        fields.text("error").orElse(null),
                        fields.text("reason").orElse(null),
                        fields.text("since")
                                .map(text -> Parameters.since("filter.since", text))
                                .orElse(null)));
    }

    private static void check(Body body, List<String> ids, Optional<DeadLetterFilter> filter) {
        boolean narrows = filter.isPresent() && !filter.get().equals(DeadLetterFilter.ALL);
        int ways = (ids.isEmpty() ? 0 : 1) + (narrows ? 1 : 0) + (body.flag("all") ? 1 : 0);
        if (ways != 1) {
            throw Problem.invalid(
                    null,
                    "one of these must be given, and one alone: ids, a filter that is not empty, or \"all\": true");
        }
        if (!ids.isEmpty() && (body.has("cursor") || body.has("limit") || body.has("rate"))) {
            throw Problem.invalid("ids", "cursor, limit and rate do not go with ids");
        }
    }

    private static String what(List<String> ids, Optional<DeadLetterFilter> filter) {
        if (!ids.isEmpty()) {
            return "ids=" + ids.stream().limit(10).map(Audit::plain).toList()
                    + (ids.size() > 10 ? "…" + ids.size() : "");
        }
        return filter.map(given -> "type=" + text(given.type()) + " error=" + text(given.error()) + " reason="
                        + text(given.reason()) + " since=" + given.since())
                .orElse("all");
    }

    private static String text(String value) {
        return value == null ? "" : Audit.plain(value);
    }
}
