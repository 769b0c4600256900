package dev.taskqueue.dashboard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes the parts of a URL for what they stand for. What is not UTF-8, or no escape, is refused. */
final class Decoder {

    private static final int MAX_PARAMETERS = 50;

    private Decoder() {}

    /** The segments of a path, each decoded by itself, so that an escaped slash is a part of a name. */
    static List<String> segments(String rawPath) {
        List<String> decoded = new ArrayList<>();
        for (String segment : Route.split(rawPath)) {
            decoded.add(decode(segment, false));
        }
        return decoded;
    }

    /** The names and values of a query or a form. */
    static Map<String, String> parameters(String rawQuery) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : rawQuery.split("&", MAX_PARAMETERS + 1)) {
            if (pair.isEmpty()) {
                continue;
            }
            if (parameters.size() == MAX_PARAMETERS) {
                throw Problem.invalid(null, "more than " + MAX_PARAMETERS + " parameters are given");
            }
            int sign = pair.indexOf('=');
            String name = decode(sign < 0 ? pair : pair.substring(0, sign), true);
            if (parameters.put(name, sign < 0 ? "" : decode(pair.substring(sign + 1), true)) != null) {
                throw Problem.invalid(name, "parameter is given twice");
            }
        }
        return parameters;
    }

    private static String decode(String text, boolean form) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 <= text.length() - 1 ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 <= text.length() - 1 ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw notDecoded();
                }
                bytes.write(high << 4 | low);
                i += 2;
            } else if (c > '~') {
                throw notDecoded();
            } else {
                bytes.write(form && c == '+' ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw notDecoded();
        }
    }

    private static Problem notDecoded() {
        return Problem.invalid(null, "the URL or form is not percent-encoded UTF-8");
    }
}
