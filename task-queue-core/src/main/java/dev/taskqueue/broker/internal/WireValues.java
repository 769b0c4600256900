package dev.taskqueue.broker.internal;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;

/** Reads the values of a task's fields; one of another kind is told by its field's name. */
final class WireValues {

    /** How much of a value stands in a message. */
    private static final int SHOWN_CHARS = 200;

    private WireValues() {}

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
