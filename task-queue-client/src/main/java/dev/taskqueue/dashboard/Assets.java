package dev.taskqueue.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The files of the page, which lie beside this class and are read once. Each is named here, so that no path of a request ever
 * becomes one of a file. Nothing in them is secret: they are served without a token.
 */
final class Assets {

    /** Paths, and the file of each. */
    private static final Map<String, String> FILES = Map.of("/", "index.html", "/style.css", "style.css");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml");

    private Assets() {}

    static List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        FILES.forEach((path, file) -> {
            Response response = Response.of(TYPES.get(file.substring(file.lastIndexOf('.') + 1)), read(file));
            routes.add(Route.get(path, Role.ANYONE, request -> response));
        });
        return routes;
    }

    static byte[] read(String file) {
        try (InputStream in = Assets.class.getResourceAsStream(file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
