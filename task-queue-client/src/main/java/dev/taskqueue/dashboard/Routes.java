package dev.taskqueue.dashboard;

import static dev.taskqueue.dashboard.Role.ADMIN;
import static dev.taskqueue.dashboard.Role.ANYONE;
import static dev.taskqueue.dashboard.Role.OPERATOR;
import static dev.taskqueue.dashboard.Role.VIEWER;
import static dev.taskqueue.dashboard.Route.delete;
import static dev.taskqueue.dashboard.Route.get;
import static dev.taskqueue.dashboard.Route.post;
import static dev.taskqueue.dashboard.Route.put;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The table of all that is served: by it requests are dispatched, roles are checked, and {@code openapi.json} is tested. Of two
 * templates that fit a path the first counts.
 */
final class Routes {

    /** Of what costs more to find out. */
    private static final Duration SOME_SECONDS = Duration.ofSeconds(5);

    private final Queues queues;
    private final Redaction redaction;
    private final Freshness freshness;
    private final SharedAnswers answers = new SharedAnswers();
    private final List<Route> routes = new ArrayList<>();

    private Routes(Queues queues, Redaction redaction, Freshness freshness) {
        this.queues = queues;
        this.redaction = redaction;
        this.freshness = freshness;
    }

    static List<Route> of(
            Queues queues, Redaction redaction, SessionApi session, int maxWaiters, LongSupplier nanoTime) {
        Routes table = new Routes(queues, redaction, Freshness.of(nanoTime));
        table.routes.addAll(new Assets().routes());
        table.session(session);
        table.queuesAndFleet();
        table.tasks(maxWaiters);
        table.dead();
        table.crons();
        table.places();
        return table.routes.stream().map(table::tellingOfChanges).toList();
    }

    /** What viewers are told alike is asked for again after whatever was done, also where it failed half way. */
    private Route tellingOfChanges(Route route) {
        return route.acts() && route.role() != ANYONE
                ? route.with(request -> {
                    try {
                        return route.action().answer(request);
                    } finally {
                        freshness.change();
                    }
                })
                : route;
    }

    private Action shared(Action action) {
        return answers.share(freshness, action);
    }

    private Action sharedLonger(Action action) {
        return answers.share(freshness.lasting(SOME_SECONDS), action);
    }

    private void session(SessionApi session) {
        routes.add(post("/sign-in", ANYONE, session::signIn));
        routes.add(post("/sign-out", ANYONE, session::signOut));
        routes.add(get("/api/session", VIEWER, session::show));
        Response document = Response.of("application/json", Assets.read("openapi.json"));
        routes.add(get("/api/openapi.json", VIEWER, request -> document));
    }

    private void queuesAndFleet() {
        QueueApi queueApi = new QueueApi(queues, freshness);
        WorkerApi workers = new WorkerApi(queues, freshness);
        DoctorApi doctor = new DoctorApi(queues, freshness);
        HistoryApi history = new HistoryApi(queues);
        routes.add(get("/api/live", VIEWER, new LiveApi(queues, queueApi, workers, doctor)::show));
        routes.add(get("/api/queues", VIEWER, queueApi::list, "cursor", "limit"));
        routes.add(post("/api/queues/{queue}/pause", OPERATOR, queueApi::pause));
        routes.add(post("/api/queues/{queue}/resume", OPERATOR, queueApi::resume));
        routes.add(get("/api/workers", VIEWER, workers::list, "queue", "cursor", "limit"));
        routes.add(post("/api/workers/{worker}/quiet", ADMIN, workers::quiet, "queue"));
        routes.add(post("/api/workers/{worker}/unquiet", ADMIN, workers::unquiet, "queue"));
        routes.add(get("/api/history", VIEWER, sharedLonger(history::minutes), "queue", "for", "types"));
        routes.add(get("/api/recent", VIEWER, shared(history::recent), "queue", "limit"));
        routes.add(get("/api/tasks/{id}/why", VIEWER, shared(doctor::why), "queue"));
        routes.add(get("/api/doctor", VIEWER, doctor::findings));
    }

    private void tasks(int maxWaiters) {
        TaskApi api = new TaskApi(queues, maxWaiters);
        Action shown = shared(api::show);
        // Who waits is told of the end at once.
        Action show = request -> request.query().text("wait").isPresent() ? api.show(request) : shown.answer(request);
        routes.add(get("/api/tasks/{id}", VIEWER, show, "wait", "queue"));
        routes.add(get("/tasks/{id}", VIEWER, show, "wait", "queue"));
        routes.add(post("/api/tasks", OPERATOR, api::enqueue, "queue"));
        routes.add(post("/api/tasks/{id}/cancel", OPERATOR, api::cancel, "queue"));
        routes.add(post("/api/tasks/{id}/run", OPERATOR, new ScheduledApi(queues)::run, "queue"));
    }

    private void dead() {
        DeadApi api = new DeadApi(queues, redaction);
        routes.add(get(
                "/api/dead",
                VIEWER,
                shared(api::list),
                "queue",
                "type",
                "error",
                "reason",
                "since",
                "cursor",
                "limit"));
        routes.add(get("/api/dead/groups", VIEWER, sharedLonger(api::groups), "queue"));
        routes.add(get("/api/dead/{id}", VIEWER, shared(api::show), "queue"));
        routes.add(post("/api/dead/retry", OPERATOR, DeadChangeApi.retry(queues)::change, "queue"));
        routes.add(post("/api/dead/delete", ADMIN, DeadChangeApi.delete(queues)::change, "queue"));
    }

    private void crons() {
        CronApi api = new CronApi(queues, redaction);
        routes.add(get("/api/crons", VIEWER, shared(api::list), "queue", "cursor", "limit"));
        routes.add(get("/api/crons/{name}", VIEWER, shared(api::show), "queue"));
        routes.add(get("/api/crons/{name}/next", VIEWER, api::next, "queue", "n", "from"));
        routes.add(get("/api/cron-preview", VIEWER, api::preview, "spec", "zone", "n", "from"));
        routes.add(put("/api/crons/{name}", ADMIN, api::put, "queue"));
        routes.add(delete("/api/crons/{name}", ADMIN, api::remove, "queue"));
        routes.add(post("/api/crons/{name}/pause", ADMIN, api::pause, "queue"));
        routes.add(post("/api/crons/{name}/resume", ADMIN, api::resume, "queue"));
        routes.add(post("/api/crons/{name}/run", OPERATOR, api::run, "queue"));
    }

    private void places() {
        PlaceApi api = new PlaceApi(queues, redaction);
        routes.add(get("/api/tasks", VIEWER, shared(api::list), "queue", "state", "place", "type", "cursor", "limit"));
        routes.add(get("/api/tasks/{id}/entry", VIEWER, shared(api::show), "queue"));
        PlaceChangeApi changes = new PlaceChangeApi(queues);
        routes.add(post("/api/queues/{queue}/purge", ADMIN, changes::purge));
        routes.add(post("/api/queues/{queue}/move", ADMIN, changes::move));
    }
}
