package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * What a request is answered with; the connection ends with it.
 *
 * @param status 200, 400, 404, 405, 431, 500 or 503
 * @param contentType of the body
 * @param body never null; a response to HEAD tells its length and leaves it out
 */
record HttpResponse(int status, String contentType, byte[] body) {

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    static HttpResponse text(int status, String text) {
        return new HttpResponse(status, "text/plain; charset=utf-8", text.getBytes(UTF_8));
    }

    /**
     * @param bodiless whether the request was HEAD
     * @return what to send: the head, and the body, whose bytes are not copied
     */
    ByteBuffer[] parts(boolean bodiless) {
        String head = "HTTP/1.1 " + status + " " + reason() + "\r\n"
                + "Date: " + DATE.format(ZonedDateTime.now(ZoneOffset.UTC)) + "\r\n"
                + "Connection: close\r\n"
                + (status == 405 ? "Allow: GET, HEAD\r\n" : "")
                + "Content-Type: " + contentType + "\r\n"
                + "Content-Length: " + body.length + "\r\n\r\n";
        return new ByteBuffer[] {
            ByteBuffer.wrap(head.getBytes(US_ASCII)), bodiless ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body)
        };
    }

    private String reason() {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 431 -> "Request Header Fields Too Large";
            case 503 -> "Service Unavailable";
            default -> "Internal Server Error";
        };
    }
}
