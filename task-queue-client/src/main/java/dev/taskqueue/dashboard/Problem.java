package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a request is not answered as it wished, as RFC 9457 has it ({@code application/problem+json}). */
final class Problem extends RuntimeException {

    static final String MEDIA_TYPE = "application/problem+json";

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String kind;
    private final String title;
    private final @Nullable String field;
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    private Problem(int status, String kind, String title, String detail, @Nullable String field) {
        super(detail, null, false, false);
        this.status = status;
        this.kind = kind;
        this.title = title;
        this.field = field;
    }

    /**
     * @param status the HTTP status
     * @param kind the end of its type, such as {@code not-found}
     * @param title the same for each of its kind
     * @param detail what happened here
     */
    static Problem of(int status, String kind, String title, String detail) {
        return new Problem(status, kind, title, detail, null);
    }

    static Problem invalid(@Nullable String field, String detail) {
        return new Problem(400, "invalid", "The request is not valid", detail, field);
    }

    static Problem notFound(String detail) {
        return of(404, "not-found", "There is no such thing", detail);
    }

    static Problem forbidden(String detail) {
        return of(403, "forbidden", "That is not allowed", detail);
    }

    static Problem unauthorized(String detail) {
        return of(401, "unauthorized", "A token is needed", detail)
                .with("WWW-Authenticate", "Bearer realm=\"task-queue\"");
    }

    static Problem tooLarge(int status, String detail) {
        return of(status, "too-large", "The request is too large", detail);
    }

    static Problem busy(String detail) {
        return of(503, "busy", "Too many requests at once", detail).with("Retry-After", "1");
    }

    Problem with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    int status() {
        return status;
    }

    Response response() {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("type", "urn:task-queue:problem:" + kind)
                .put("title", title)
                .put("status", status)
                .put("detail", getMessage());
        if (field != null) {
            body.put("field", field);
        }
        Response response = Response.json(status, body).withHeader("Content-Type", MEDIA_TYPE);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            response = response.withHeader(header.getKey(), header.getValue());
        }
        return response;
    }
}
