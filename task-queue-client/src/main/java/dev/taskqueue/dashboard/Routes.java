package dev.taskqueue.dashboard;

import static dev.taskqueue.dashboard.Role.ADMIN;
import static dev.taskqueue.dashboard.Role.ANYONE;
import static dev.taskqueue.dashboard.Role.OPERATOR;
import static dev.taskqueue.dashboard.Role.VIEWER;
import static dev.taskqueue.dashboard.Route.delete;
import static dev.taskqueue.dashboard.Route.get;
import static dev.taskqueue.dashboard.Route.post;
import static dev.taskqueue.dashboard.Route.put;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The table of all that is served: by it requests are dispatched, roles are checked, and {@code openapi.json} is tested. Of two
 * templates that fit a path the first counts.
 */
final class Routes {

    private Routes() {}

    static List<Route> of(
            Queues queues, Redaction redaction, SessionApi session, int maxWaiters, LongSupplier nanoTime) {
        List<Route> routes = new ArrayList<>(Assets.routes());
        routes.add(get("/sign-in", ANYONE, session::form));
        routes.add(post("/sign-in", ANYONE, session::signIn));
        routes.add(post("/sign-out", ANYONE, session::signOut));
        routes.add(get("/api/session", VIEWER, session::show));
        Response document = Response.of("application/json", Assets.read("openapi.json"));
        routes.add(get("/api/openapi.json", VIEWER, request -> document));
        queues(routes, new QueueApi(queues, nanoTime));
        tasks(routes, new TaskApi(queues, maxWaiters));
        dead(routes, queues, redaction);
        crons(routes, new CronApi(queues, redaction));
        places(routes, queues, new PlaceApi(queues, redaction));
        fleet(routes, new WorkerApi(queues, nanoTime), new HistoryApi(queues), new DoctorApi(queues, nanoTime));
        return routes;
    }

    private static void queues(List<Route> routes, QueueApi api) {
        routes.add(get("/api/queues", VIEWER, api::list, "cursor", "limit"));
        routes.add(post("/api/queues/{queue}/pause", OPERATOR, api::pause));
        routes.add(post("/api/queues/{queue}/resume", OPERATOR, api::resume));
    }

    private static void tasks(List<Route> routes, TaskApi api) {
        routes.add(get("/api/tasks/{id}", VIEWER, api::show, "wait", "queue"));
        routes.add(get("/tasks/{id}", VIEWER, api::show, "wait", "queue"));
        routes.add(post("/api/tasks", OPERATOR, api::enqueue, "queue"));
        routes.add(post("/api/tasks/{id}/cancel", OPERATOR, api::cancel, "queue"));
    }

    private static void dead(List<Route> routes, Queues queues, Redaction redaction) {
        DeadApi api = new DeadApi(queues, redaction);
        routes.add(get("/api/dead", VIEWER, api::list, "queue", "type", "error", "reason", "since", "cursor", "limit"));
        routes.add(get("/api/dead/{id}", VIEWER, api::show, "queue"));
        routes.add(post("/api/dead/retry", OPERATOR, DeadChangeApi.retry(queues)::change, "queue"));
        routes.add(post("/api/dead/delete", ADMIN, DeadChangeApi.delete(queues)::change, "queue"));
    }

    private static void crons(List<Route> routes, CronApi api) {
        routes.add(get("/api/crons", VIEWER, api::list, "queue", "cursor", "limit"));
        routes.add(get("/api/crons/{name}", VIEWER, api::show, "queue"));
        routes.add(get("/api/crons/{name}/next", VIEWER, api::next, "queue", "n", "from"));
        routes.add(get("/api/cron-preview", VIEWER, api::preview, "spec", "zone", "n", "from"));
        routes.add(put("/api/crons/{name}", ADMIN, api::put, "queue"));
        routes.add(delete("/api/crons/{name}", ADMIN, api::remove, "queue"));
        routes.add(post("/api/crons/{name}/pause", ADMIN, api::pause, "queue"));
        routes.add(post("/api/crons/{name}/resume", ADMIN, api::resume, "queue"));
        routes.add(post("/api/crons/{name}/run", OPERATOR, api::run, "queue"));
    }

    private static void places(List<Route> routes, Queues queues, PlaceApi api) {
        routes.add(get("/api/tasks", VIEWER, api::list, "queue", "state", "place", "type", "cursor", "limit"));
        routes.add(get("/api/tasks/{id}/entry", VIEWER, api::show, "queue"));
        PlaceChangeApi changes = new PlaceChangeApi(queues);
        routes.add(post("/api/queues/{queue}/purge", ADMIN, changes::purge));
        routes.add(post("/api/queues/{queue}/move", ADMIN, changes::move));
    }

    private static void fleet(List<Route> routes, WorkerApi workers, HistoryApi history, DoctorApi doctor) {
        routes.add(get("/api/workers", VIEWER, workers::list, "queue", "cursor", "limit"));
        routes.add(post("/api/workers/{worker}/quiet", ADMIN, workers::quiet, "queue"));
        routes.add(post("/api/workers/{worker}/unquiet", ADMIN, workers::unquiet, "queue"));
        routes.add(get("/api/history", VIEWER, history::minutes, "queue", "for", "types"));
        routes.add(get("/api/recent", VIEWER, history::recent, "queue", "limit"));
        routes.add(get("/api/tasks/{id}/why", VIEWER, doctor::why, "queue"));
        routes.add(get("/api/doctor", VIEWER, doctor::findings));
    }
}
