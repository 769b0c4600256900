package dev.taskqueue.broker.internal;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import dev.taskqueue.internal.JsonWriter;

/**
 * Reads the values of a task's fields; one of another kind is told by its field's name. Writes those that are ours, and not by
 * a mapper: a module of its may have plans for texts and numbers.
 */
final class WireValues {

    /** How much of a value stands in a message. */
    private static final int SHOWN_CHARS = 200;

    private WireValues() {}

    static RawJson of(String text) {
        return RawJson.parse(JsonWriter.string(text));
    }

    static RawJson of(long number) {
        return RawJson.parse(Long.toString(number));
    }

    static String text(String field, RawJson value) {
        return value.stringValue()
                .orElseThrow(() -> new InvalidTaskException(field + " is " + shown(value) + "; it must be a string"));
    }

    static long integer(String field, RawJson value) {
        return value.longValue()
                .orElseThrow(() -> new InvalidTaskException(field + " is " + shown(value) + "; it must be an integer"));
    }

    static String shown(RawJson value) {
        String text = value.toString();
        if (text.length() <= SHOWN_CHARS) {
            return text;
        }
        int cut = Character.isHighSurrogate(text.charAt(SHOWN_CHARS - 1)) ? SHOWN_CHARS - 1 : SHOWN_CHARS;
        return text.substring(0, cut) + "…";
    }
}
