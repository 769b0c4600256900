package dev.taskqueue;

import java.nio.charset.StandardCharsets;

/** Tells why a text is not JSON, or not the JSON that it must be. */
final class JsonError {

    private static final int MAX_QUOTED = 60;

    private JsonError() {}

    static InvalidTaskException at(int position, String why) {
        return new InvalidTaskException("not JSON: " + why + " (at byte " + position + ")");
    }

    /** What stands at a position, or the end of the text, is not what should stand there. */
    static InvalidTaskException unexpected(byte[] json, int at, String wanted) {
        if (at >= json.length) {
            return at(at, at == 0 ? "No content" : "Unexpected end where " + wanted + " should be");
        }
        int until = at;
        while (until < json.length && until - at < MAX_QUOTED && isLetter(json[until])) {
            until++;
        }
        if (until > at) {
            return at(
                    at,
                    "Unrecognized token '" + new String(json, at, until - at, StandardCharsets.US_ASCII) + "' where "
                            + wanted + " should be");
        }
        byte c = json[at];
        String shown = c > ' ' && c <= '~' ? "'" + (char) c + "'" : "byte 0x%02x".formatted(c & 0xff);
        return at(at, "Unexpected " + shown + " where " + wanted + " should be");
    }

    /** A value that begins with this byte is JSON, but no object. */
    static InvalidTaskException noObject(byte first) {
        String kind = switch (first) {
            case '[' -> "array";
            case '"' -> "string";
            case 't', 'f' -> "boolean";
            case 'n' -> "null";
            default -> "number";
        };
        return new InvalidTaskException("a JSON " + kind + "; it must be an object");
    }

    private static boolean isLetter(byte c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= '0' && c <= '9';
    }
}
