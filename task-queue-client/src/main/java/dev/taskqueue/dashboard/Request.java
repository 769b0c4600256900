package dev.taskqueue.dashboard;

import com.sun.net.httpserver.HttpExchange;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A request that may be answered: its route is known, and that whoever asks may. */
final class Request {

    /** How large a body may be, in bytes: twice a task of the default limit. */
    static final int MAX_BODY_BYTES = 2 << 20;

    private static final long BODY_NANOS = TimeUnit.SECONDS.toNanos(15);

    private static final RawJson NO_BODY = RawJson.parse("{}");

    private final HttpExchange exchange;
    private final Map<String, String> path;
    private final Parameters query;
    private final Identity identity;
    private final String base;
    private String note = "";

    /**
     * @param base what the paths of the server begin with: empty, or such as {@code /queue}
     */
    Request(HttpExchange exchange, Map<String, String> path, Parameters query, Identity identity, String base) {
        this.exchange = exchange;
        this.path = path;
        this.query = query;
        this.identity = identity;
        this.base = base;
    }

    /** What stands for a name in braces in the route's path. */
    String path(String name) {
        return path.get(name);
    }

    Map<String, String> path() {
        return path;
    }

    Parameters query() {
        return query;
    }

    Identity identity() {
        return identity;
    }

    String base() {
        return base;
    }

    HttpExchange exchange() {
        return exchange;
    }

    /** What the audit log tells of this request beside its path; no payloads. */
    void note(String text) {
        note = text;
    }

    String note() {
        return note;
    }

    /** The body, a JSON object with no other fields than these. */
    Body body(Set<String> allowed) throws IOException {
        return Body.of(json().tree(), allowed);
    }

    /** The body, which must be said to be JSON: a form on a foreign page cannot say so. None is an empty object. */
    RawJson json() throws IOException {
        byte[] bytes = bytes();
        if (bytes.length > 0 && !isOfType("application/json")) {
            throw Problem.of(
                    415,
                    "media-type",
                    "The body has the wrong type",
                    "the body must be JSON, and the header Content-Type application/json");
        }
        try {
            return bytes.length == 0 ? NO_BODY : RawJson.parse(bytes);
        } catch (InvalidTaskException e) {
            throw Problem.invalid(null, "the body is " + e.getMessage());
        }
    }

    boolean isOfType(String mediaType) {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        return type != null && type.split(";", 2)[0].strip().equalsIgnoreCase(mediaType);
    }

    byte[] bytes() throws IOException {
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (length != null && (!length.matches("\\d{1,10}") || Long.parseLong(length) > MAX_BODY_BYTES)) {
            throw tooLarge();
        }
        long start = System.nanoTime();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] part = new byte[16 << 10];
        InputStream in = exchange.getRequestBody();
        for (int read = read(in, part); read >= 0; read = read(in, part)) {
            all.write(part, 0, read);
            if (all.size() > MAX_BODY_BYTES) {
                throw tooLarge();
            }
            if (System.nanoTime() - start > BODY_NANOS) {
                throw Problem.of(408, "slow", "The request took too long", "the body did not come within 15 s")
                        .with("Connection", "close");
            }
        }
        return all.toByteArray();
    }

    private static int read(InputStream in, byte[] part) {
        try {
            return in.read(part);
        } catch (IOException | RuntimeException e) {
            // It went away, or sent chunks that are none.
            throw Problem.invalid(null, "the body cannot be read to its end").with("Connection", "close");
        }
    }

    private static Problem tooLarge() {
        return Problem.tooLarge(413, "the body has more than " + MAX_BODY_BYTES + " bytes")
                .with("Connection", "close");
    }
}
