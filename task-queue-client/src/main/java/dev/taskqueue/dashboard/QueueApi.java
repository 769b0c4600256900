package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.PauseResult;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.QueueView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How queues are, and what is done to a whole one. */
final class QueueApi {

    private static final Duration LONGEST_PAUSE = Duration.ofDays(3650);
    private static final int MAX_LISTED = 100;

    /**
     * How queues were.
     *
     * @param all one object for each; not to be changed
     * @param at when they were so
     */
    record Snapshot(List<ObjectNode> all, Instant at) {}

    private final Queues queues;
    private final Shared<Snapshot> snapshot;

    QueueApi(Queues queues, Freshness freshness) {
        this.queues = queues;
        this.snapshot = new Shared<>(freshness);
    }

    /** How each queue is, as all viewers are shown it. */
    Snapshot snapshot() throws InterruptedException, IOException {
        return snapshot.get(this::read);
    }

    Response list(Request request) throws InterruptedException, IOException {
        int from = request.query().number("cursor", 0, 0, 100_000);
        int limit = request.query().number("limit", MAX_LISTED, 1, MAX_LISTED);
        List<ObjectNode> all = snapshot().all();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode some = body.putArray("queues");
        int until = Math.min(all.size(), from + limit);
        all.subList(Math.min(from, until), until).forEach(some::add);
        if (until < all.size()) {
            body.put("next", Integer.toString(until));
        }
        return Response.ok(body);
    }

    private Snapshot read() {
        Instant at = Instant.now();
        List<ObjectNode> all = new ArrayList<>();
        BrokerUnavailableException failure = null;
        boolean some = false;
        for (String name : queues.names()) {
            try {
                all.add(QueueView.of(queues.view(name).stats()));
                some = true;
            } catch (BrokerUnavailableException e) {
                // In a cluster the node of another queue may be there; else the first failure stands for all.
                if (!some && failure != null) {
                    throw e;
                }
                failure = e;
                all.add(JsonNodeFactory.instance.objectNode().put("queue", name).put("error", e.getMessage()));
            }
        }
        if (!some && failure != null) {
            throw failure;
        }
        return new Snapshot(all, at);
    }

    Response pause(Request request) throws InterruptedException, IOException {
        RedisBroker queue = queues.view(request.path("queue"));
        Body body = request.body(Set.of("reason", "for"));
        String reason = body.text("reason").orElse("");
        Optional<Duration> lasts = body.text("for").map(text -> Parameters.duration("for", text, LONGEST_PAUSE));
        if (lasts.isPresent() && lasts.get().isZero()) {
            throw Problem.invalid("for", "for is 0; it must be longer, or be left out");
        }
        request.note("reason=" + Audit.plain(reason)
                + lasts.map(time -> " for=" + time).orElse(""));
        PauseResult result = lasts.isPresent() ? queue.pause(reason, lasts.get()) : queue.pause(reason);
        return Response.ok(QueueView.of(queue.queue(), result));
    }

    Response resume(Request request) throws IOException {
        RedisBroker queue = queues.view(request.path("queue"));
        request.body(Set.of());
        return Response.ok(QueueView.resumed(queue.queue(), queue.resume()));
    }
}
