package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.Cron;
import dev.taskqueue.CronEntry;
import dev.taskqueue.CronSpec;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.broker.Crons;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.Zones;
import dev.taskqueue.view.CronView;
import dev.taskqueue.view.EnqueuedView;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/** Schedules: what {@code client.jar cron} does. */
final class CronApi {

    private static final int LISTED = 100;
    private static final int MAX_LISTED = 1_000;
    private static final int MAX_FIRES = 1_000;
    private static final int FIRES_SHOWN = 3;

    private static final Set<String> FIELDS =
            Set.of("spec", "zone", "overlap", "catch_up", "type", "payload", "max_retries", "priority", "timeout_ms");

    private final Queues queues;
    private final Redaction redaction;

    CronApi(Queues queues, Redaction redaction) {
        this.queues = queues;
        this.redaction = redaction;
    }

    Response list(Request request) {
        return Response.ok(NamePage.of(
                request.query(), "crons", crons(request).list(), CronEntry::name, this::view, LISTED, MAX_LISTED));
    }

    Response show(Request request) {
        return Response.ok(view(find(request)));
    }

    Response put(Request request) throws IOException {
        Crons crons = crons(request);
        RawJson json = request.json();
        Body body = Body.of(json.tree(), FIELDS);
        // A schedule is a task and a spec: what is read of both is read in one place.
        Task task = queues.broker().parse(json.toString());
        String spec = body.text("spec").orElseThrow(() -> Problem.invalid("spec", "spec is missing"));
        Cron cron = Cron.of(request.path("name"), spec, task.type(), task.payload())
                .withZone(Zones.parse(body.text("zone").orElse("UTC")))
                .withPriority(task.priority())
                .withCatchUp(Cron.CatchUp.ofWireName(body.text("catch_up").orElse("latest")))
                .withOverlap(Cron.Overlap.ofWireName(body.text("overlap").orElse("skip")));
        cron = body.has("max_retries") ? cron.withMaxRetries(task.maxRetries()) : cron;
        cron = task.timeout().isPresent() ? cron.withTimeout(task.timeout().get()) : cron;
        request.note("spec=" + Audit.plain(spec) + " type=" + Audit.plain(task.type()));
        return Response.ok(view(crons.put(cron)));
    }

    Response remove(Request request) {
        requireFound(request, crons(request).remove(request.path("name")));
        return Response.ok(named(request).put("removed", true));
    }

    Response pause(Request request) throws IOException {
        request.body(Set.of());
        requireFound(request, crons(request).pause(request.path("name")));
        return Response.ok(named(request).put("paused", true));
    }

    Response resume(Request request) throws IOException {
        request.body(Set.of());
        requireFound(request, crons(request).resume(request.path("name")));
        return Response.ok(named(request).put("paused", false));
    }

    Response run(Request request) throws IOException {
        request.body(Set.of());
        return Response.json(
                201, EnqueuedView.of(crons(request).runNow(request.path("name")).orElseThrow(() -> unknown(request))));
    }

    /** The next fires of a schedule that is there. */
    Response next(Request request) {
        Cron cron = find(request)
                .cron()
                .orElseThrow(() -> Problem.invalid("name", "what stands there cannot be read: put it anew"));
        return Response.ok(fires(cron.spec(), cron.zone(), request));
    }

    /** The next fires of a spec; asks no Redis. */
    Response preview(Request request) {
        String spec = request.query()
                .text("spec")
                .orElseThrow(() -> Problem.invalid("spec", "spec is missing; such as spec=0 3 * * MON-FRI"));
        return Response.ok(fires(
                CronSpec.parse(spec), Zones.parse(request.query().text("zone").orElse("UTC")), request));
    }

    private static ObjectNode fires(CronSpec spec, ZoneId zone, Request request) {
        int count = request.query().number("n", 5, 1, MAX_FIRES);
        Instant from = request.query().since("from").orElseGet(Instant::now);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode fires = body.putArray("fires");
        Optional<Instant> next = spec.next(from, zone);
        while (next.isPresent() && fires.size() < count) {
            fires.add(next.get().toString());
            next = spec.next(next.get(), zone);
        }
        return body;
    }

    private Crons crons(Request request) {
        return queues.named(request).crons();
    }

    private CronEntry find(Request request) {
        return crons(request).list().stream()
                .filter(entry -> entry.name().equals(request.path("name")))
                .findFirst()
                .orElseThrow(() -> unknown(request));
    }

    private static void requireFound(Request request, boolean found) {
        if (!found) {
            throw unknown(request);
        }
    }

    private static Problem unknown(Request request) {
        return Problem.notFound("there is no schedule " + TaskLimits.quote(request.path("name")));
    }

    private static ObjectNode named(Request request) {
        return JsonNodeFactory.instance.objectNode().put("name", request.path("name"));
    }

    private ObjectNode view(CronEntry entry) {
        ObjectNode fields = CronView.of(entry);
        entry.cron().ifPresent(cron -> {
            CronWords.of(cron.spec()).ifPresent(words -> fields.put("in_words", words));
            ArrayNode fires = fields.putArray("next_fires");
            Optional<Instant> next = entry.nextFire();
            while (next.isPresent() && fires.size() < FIRES_SHOWN) {
                fires.add(next.get().toString());
                next = cron.spec().next(next.get(), cron.zone());
            }
        });
        if (!redaction.isEmpty()) {
            entry.cron()
                    .ifPresent(cron -> fields.putRawValue(
                            "payload",
                            new RawValue(redaction.payload(cron.payload()).toString())));
        }
        return fields;
    }
}
