package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.internal.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer that is whole before it is sent.
 *
 * @param status the HTTP status
 * @param headers by name, beside those that every answer has
 * @param body what follows them; empty for nothing
 */
record Response(int status, Map<String, String> headers, byte[] body) {

    private static final byte[] NOTHING = {};

    static Response json(int status, JsonNode value) {
        return new Response(status, Map.of("Content-Type", "application/json"), Json.write(value, Json.mapper()));
    }

    static Response ok(JsonNode value) {
        return json(200, value);
    }

    static Response of(String contentType, byte[] body) {
        return new Response(200, Map.of("Content-Type", contentType), body);
    }

    static Response html(int status, String text) {
        return new Response(
                status, Map.of("Content-Type", "text/html; charset=utf-8"), text.getBytes(StandardCharsets.UTF_8));
    }

    static Response seeOther(String location) {
        return new Response(303, Map.of("Location", location), NOTHING);
    }

    static Response noContent() {
        return new Response(204, Map.of(), NOTHING);
    }

    Response withHeader(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new Response(status, all, body);
    }
}
