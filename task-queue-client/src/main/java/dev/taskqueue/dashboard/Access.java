package dev.taskqueue.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Tells who asks: by a token, by a session, or, where there are no tokens at all, by asking from this machine. */
final class Access {

    static final String COOKIE = "task_queue_session";

    private final Tokens tokens;
    private final Sessions sessions;
    private final WrongTries wrongTries;

    Access(Tokens tokens, Sessions sessions, WrongTries wrongTries) {
        this.tokens = tokens;
        this.sessions = sessions;
        this.wrongTries = wrongTries;
    }

    boolean hasTokens() {
        return !tokens.isEmpty();
    }

    /**
     * @return who asks; {@link Identity#NOBODY} if nothing was shown
     * @throws Problem if a token was shown that is none
     */
    Identity identify(HttpExchange exchange) throws InterruptedException {
        if (tokens.isEmpty()) {
            if (!remote(exchange).isLoopbackAddress()) {
                throw Problem.forbidden("without a token only this machine is served; set DASHBOARD_ADMIN_TOKEN");
            }
            return new Identity(Role.ADMIN, "loopback");
        }
        Headers headers = exchange.getRequestHeaders();
        List<String> shown = headers.getOrDefault("Authorization", List.of());
        if (shown.size() == 1 && shown.get(0).regionMatches(true, 0, "Bearer ", 0, 7)) {
            return new Identity(signIn(shown.get(0).substring(7).strip(), exchange), "token");
        }
        return session(headers)
                .flatMap(sessions::role)
                .map(role -> new Identity(role, "session"))
                .orElse(Identity.NOBODY);
    }

    /**
     * @throws Problem if it is none
     */
    Role signIn(String token, HttpExchange exchange) throws InterruptedException {
        Optional<Role> role = tokens.role(token);
        if (role.isEmpty()) {
            wrongTries.add(remote(exchange));
            throw Problem.unauthorized("the token is wrong");
        }
        return role.get();
    }

    /** The id of the session that a browser has shown. */
    static Optional<String> session(Headers headers) {
        for (String line : headers.getOrDefault("Cookie", List.of())) {
            for (String cookie : line.split(";", 100)) {
                String text = cookie.strip();
                if (text.startsWith(COOKIE + "=")) {
                    return Optional.of(text.substring(COOKIE.length() + 1));
                }
            }
        }
        return Optional.empty();
    }

    static InetAddress remote(HttpExchange exchange) {
        return exchange.getRemoteAddress().getAddress();
    }
}
