package dev.taskqueue.dashboard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One line of the table that requests are dispatched by.
 *
 * @param method GET, which serves HEAD too, or one that acts: POST, PUT, DELETE
 * @param template a path whose segments in braces stand for any, such as {@code /api/tasks/{id}}
 * @param role who may, at least
 * @param parameters the names that its query may have
 * @param action what it does
 */
record Route(String method, String template, Role role, Set<String> parameters, Action action) {

    static Route get(String template, Role role, Action action, String... parameters) {
        return new Route("GET", template, role, Set.of(parameters), action);
    }

    static Route post(String template, Role role, Action action, String... parameters) {
        return new Route("POST", template, role, Set.of(parameters), action);
    }

    static Route put(String template, Role role, Action action, String... parameters) {
        return new Route("PUT", template, role, Set.of(parameters), action);
    }

    static Route delete(String template, Role role, Action action, String... parameters) {
        return new Route("DELETE", template, role, Set.of(parameters), action);
    }

    /** The same, doing something else. */
    Route with(Action other) {
        return new Route(method, template, role, parameters, other);
    }

    /** Whether it changes anything. */
    boolean acts() {
        return !method.equals("GET");
    }

    /**
     * @param segments those of a path, decoded: a slash in one of them is a part of a name
     * @return what stands for the braces, by name; empty if the path is another
     */
    Optional<Map<String, String>> match(List<String> segments) {
        List<String> parts = split(template);
        if (parts.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            if (part.startsWith("{")) {
                names.put(part.substring(1, part.length() - 1), segments.get(i));
            } else if (!part.equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(names);
    }

    /** The segments of a path that begins with a slash; the one of {@code /} is empty. */
    static List<String> split(String path) {
        List<String> segments = new ArrayList<>();
        int from = 1;
        for (int slash = path.indexOf('/', from); slash >= 0; slash = path.indexOf('/', from)) {
            segments.add(path.substring(from, slash));
            from = slash + 1;
        }
        segments.add(path.substring(Math.min(from, path.length())));
        return segments;
    }
}
