package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Signing in and out with a form, and who one is. */
final class SessionApi {

    private final Access access;
    private final Sessions sessions;
    private final Queues queues;
    private final boolean readOnly;

    SessionApi(Access access, Sessions sessions, Queues queues, boolean readOnly) {
        this.access = access;
        this.sessions = sessions;
        this.queues = queues;
        this.readOnly = readOnly;
    }

    /** Who asks, and what there is for them. */
    Response show(Request request) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("role", request.identity().role().wireName())
                .put("by", request.identity().by())
                .put("read_only", readOnly)
                .put("queue", queues.broker().queue());
        ArrayNode names = body.putArray("queues");
        queues.names().forEach(names::add);
        return Response.ok(body);
    }

    /** The form. */
    Response form(Request request) {
        return Response.of("text/html; charset=utf-8", Assets.read("sign-in.html"));
    }

    Response signIn(Request request) throws IOException, InterruptedException {
        if (!access.hasTokens()) {
            return Response.seeOther(request.base() + "/");
        }
        boolean form = request.isOfType("application/x-www-form-urlencoded");
        String token = form
                ? Decoder.parameters(new String(request.bytes(), StandardCharsets.UTF_8))
                        .getOrDefault("token", "")
                : request.body(Set.of("token")).text("token").orElse("");
        Role role = access.signIn(token.strip(), request.exchange());
        String id = sessions.open(role);
        request.note("signed in as " + role.wireName());
        Response response = form
                ? Response.seeOther(request.base() + "/")
                : Response.ok(JsonNodeFactory.instance.objectNode().put("role", role.wireName()));
        return response.withHeader("Set-Cookie", cookie(request, id, Sessions.LIFE.toSeconds()));
    }

    Response signOut(Request request) {
        Access.session(request.exchange().getRequestHeaders()).ifPresent(sessions::close);
        return Response.seeOther(request.base() + "/sign-in").withHeader("Set-Cookie", cookie(request, "", 0));
    }

    private static String cookie(Request request, String id, long seconds) {
        Map<String, List<String>> headers = request.exchange().getRequestHeaders();
        boolean secure =
                headers.getOrDefault("Origin", List.of()).stream().anyMatch(origin -> origin.startsWith("https://"));
        return Access.COOKIE + "=" + id + "; Path=" + request.base() + "/; Max-Age=" + seconds
                + "; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "");
    }
}
