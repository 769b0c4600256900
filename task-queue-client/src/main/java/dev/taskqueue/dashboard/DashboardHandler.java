package dev.taskqueue.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;

/**
 * The way of a request: its size and its host are checked, then its route is looked up, who asks is found out, and whether
 * they may; then it is answered, and what acts is written down.
 */
final class DashboardHandler implements HttpHandler {

    private static final int MAX_PATH = 2_048;
    private static final int MAX_QUERY = 8_192;

    private final List<Route> routes;
    private final OriginCheck origins;
    private final Access access;
    private final boolean readOnly;
    private final Semaphore running;

    /**
     * @param maxRunning how many requests may be worked on at once
     */
    DashboardHandler(List<Route> routes, OriginCheck origins, Access access, boolean readOnly, int maxRunning) {
        this.routes = List.copyOf(routes);
        this.origins = origins;
        this.access = access;
        this.readOnly = readOnly;
        this.running = new Semaphore(maxRunning);
    }

    List<Route> routes() {
        return routes;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(exchange));
        }
    }

    private Response answer(HttpExchange exchange) {
        if (!running.tryAcquire()) {
            return Problem.busy("too many requests are being worked on; try again")
                    .response();
        }
        try {
            return dispatch(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Problems.of(e).response();
        } catch (IOException | RuntimeException | StackOverflowError e) {
            return Problems.of(e).response();
        } finally {
            running.release();
        }
    }

    private Response dispatch(HttpExchange exchange) throws InterruptedException, IOException {
        URI uri = uri(exchange);
        String path = uri.getRawPath();
        String query = uri.getRawQuery();
        if (path == null || path.length() > MAX_PATH || query != null && query.length() > MAX_QUERY) {
            throw Problem.tooLarge(414, "a path may have " + MAX_PATH + " characters, a query " + MAX_QUERY);
        }
        String method = exchange.getRequestMethod().equals("HEAD") ? "GET" : exchange.getRequestMethod();
        origins.check(exchange, !method.equals("GET"));
        String base = exchange.getHttpContext().getPath().replaceFirst("/$", "");
        if (!path.startsWith(base + "/")) {
            // A server of others may give us more than is below our path.
            throw Problem.notFound("there is nothing at this path");
        }
        List<String> segments = Decoder.segments(path.substring(base.length()));
        TreeSet<String> methods = new TreeSet<>();
        for (Route route : routes) {
            Optional<Map<String, String>> names = route.match(segments);
            if (names.isPresent()) {
                if (route.method().equals(method)) {
                    return serve(exchange, route, names.get(), query, base);
                }
                methods.add(route.method());
            }
        }
        if (methods.isEmpty()) {
            throw Problem.notFound("there is nothing at this path; /api/openapi.json lists what there is");
        }
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        throw Problem.of(
                        405,
                        "method",
                        "The method is not served here",
                        "this path serves " + String.join(", ", methods))
                .with("Allow", String.join(", ", methods));
    }

    private static URI uri(HttpExchange exchange) {
        try {
            return exchange.getRequestURI();
        } catch (IllegalArgumentException e) {
            // Jetty lets characters through that no URI has.
            throw Problem.invalid(null, "the URL is not percent-encoded");
        }
    }

    private Response serve(HttpExchange exchange, Route route, Map<String, String> names, String query, String base)
            throws InterruptedException, IOException {
        Identity identity = Identity.NOBODY;
        Request request = null;
        int status = 500;
        try {
            identity = identify(exchange, route);
            authorize(route, identity);
            request = new Request(
                    exchange,
                    names,
                    new Parameters(query == null ? Map.of() : Decoder.parameters(query), route.parameters()),
                    identity,
                    base);
            Response response = route.action().answer(request);
            status = response.status();
            return response;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            Problem problem = Problems.of(e);
            status = problem.status();
            throw problem;
        } finally {
            if (route.acts()) {
                String note = request == null ? "" : request.note();
                Audit.log(identity, Access.remote(exchange).getHostAddress(), route, names, note, status);
            }
        }
    }

    /** What anyone may is served to a browser with an old cookie too, and to signing in no token is shown but the new one. */
    private Identity identify(HttpExchange exchange, Route route) throws InterruptedException {
        return route.role() == Role.ANYONE && access.hasTokens() ? Identity.NOBODY : access.identify(exchange);
    }

    private void authorize(Route route, Identity identity) {
        if (!identity.role().includes(route.role())) {
            throw identity == Identity.NOBODY
                    ? Problem.unauthorized("show a token: Authorization: Bearer …, or sign in at /sign-in")
                    : Problem.forbidden("that needs the role " + route.role().wireName() + "; this token has "
                            + identity.role().wireName());
        }
        if (readOnly && route.acts() && route.role() != Role.ANYONE) {
            throw Problem.forbidden("this dashboard is read-only");
        }
    }

    private static void send(HttpExchange exchange, Response response) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
        response.headers().forEach(headers::set);
        int length = response.body().length;
        if (exchange.getRequestMethod().equals("HEAD")) {
            if (response.status() != 304) {
                headers.set("Content-Length", Integer.toString(length));
            }
            exchange.sendResponseHeaders(response.status(), -1);
        } else {
            exchange.sendResponseHeaders(response.status(), length == 0 ? -1 : length);
            if (length > 0) {
                exchange.getResponseBody().write(response.body());
            }
        }
    }
}
