package dev.taskqueue;

import dev.taskqueue.internal.Json;
import java.util.function.BiConsumer;

/**
 * Checks JSON (RFC 8259, UTF-8 alone) byte by byte and finds where values begin and end. Nothing is converted, no name is
 * remembered and no tree is built, so that neither the size of a number nor the length or the count of names matters: the
 * one bound is the depth. It neither recurses nor calls anything that could throw; what it refuses is an
 * {@link InvalidTaskException}, and there is no other way out.
 */
final class JsonScanner {

    /** How deep a value may nest: {@code [[1]]} is two deep. */
    static final int MAX_DEPTH = Json.MAX_DEPTH;

    /** One bit a level, so that the scanner knows whether it is in an object. */
    private static final int BITS = Long.SIZE;

    private final byte[] json;
    private final int end;
    private int at;

    JsonScanner(byte[] json) {
        this.json = json;
        this.end = json.length;
    }

    /**
     * Reads one value, with blanks around it if there are any, and nothing else.
     *
     * @return the value
     */
    RawJson only() {
        skipBlanks();
        RawJson value = value();
        expectEnd();
        return value;
    }

    /** Reads one object, with blanks around it, and hands over its members; an UTF-8 byte order mark may stand before it. */
    void members(BiConsumer<String, RawJson> members) {
        if (end - at >= 3 && json[at] == (byte) 0xef && json[at + 1] == (byte) 0xbb && json[at + 2] == (byte) 0xbf) {
            at += 3;
        }
        skipBlanks();
        if (peek() != '{') {
            byte first = peek();
            only();
            throw JsonError.noObject(first);
        }
        at++;
        skipBlanks();
        if (peek() == '}') {
            at++;
        } else {
            do {
                skipBlanks();
                String name = name();
                expect(':');
                skipBlanks();
                members.accept(name, value());
                skipBlanks();
            } while (skipComma());
            expect('}');
        }
        expectEnd();
    }

    private boolean skipComma() {
        if (peek() != ',') {
            return false;
        }
        at++;
        return true;
    }

    private String name() {
        int from = at + 1;
        skipName();
        String name = RawJson.unescape(json, from, at - 1);
        skipBlanks();
        return name;
    }

    private RawJson value() {
        int from = at;
        skipValue();
        return new RawJson(json, from, at - from);
    }

    private void skipValue() {
        long[] outer = null;
        long objects = 0;
        int depth = 0;
        while (true) {
            boolean opened = false;
            switch (peek()) {
                case '"' -> skipString();
                case '{', '[' -> {
                    if (depth == MAX_DEPTH) {
                        throw new InvalidTaskException("too deep: its nesting depth is more than " + MAX_DEPTH);
                    }
                    if (depth > 0 && depth % BITS == 0) {
                        outer = outer == null ? new long[MAX_DEPTH / BITS + 1] : outer;
                        outer[depth / BITS - 1] = objects;
                    }
                    objects = objects << 1 | (json[at] == '{' ? 1 : 0);
                    depth++;
                    at++;
                    opened = true;
                }
                case 't' -> skipWord("true");
                case 'f' -> skipWord("false");
                case 'n' -> skipWord("null");
                case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> skipNumber();
                default -> throw unexpected("a value");
            }
            // What comes next: the first member of what was opened, another one, or the end of one level or several.
            while (depth > 0) {
                boolean object = (objects & 1) == 1;
                skipBlanks();
                if (peek() == (object ? '}' : ']')) {
                    at++;
                    depth--;
                    objects = depth > 0 && depth % BITS == 0 ? outer[depth / BITS - 1] : objects >>> 1;
                    opened = false;
                    continue;
                }
                if (!opened) {
                    expect(',');
                    skipBlanks();
                }
                if (object) {
                    skipName();
                    skipBlanks();
                    expect(':');
                    skipBlanks();
                }
                break;
            }
            if (depth == 0) {
                return;
            }
        }
    }

    private void skipName() {
        if (peek() != '"') {
            throw unexpected("a name in double quotes");
        }
        skipString();
    }

    private void skipString() {
        int i = at + 1;
        while (i < end) {
            byte c = json[i];
            if (c == '"') {
                at = i + 1;
                return;
            } else if (c == '\\') {
                at = i;
                i = escape(i + 1);
            } else if (c >= ' ') {
                i++;
            } else if (c >= 0) {
                at = i;
                throw fail("Control character in a string: escape it");
            } else {
                at = i;
                int length = Utf8.lengthOf(json, i);
                if (length == 0) {
                    throw fail("Invalid UTF-8");
                }
                i += length;
            }
        }
        at = end;
        throw unexpected("the end of a string");
    }

    private int escape(int i) {
        switch (byteAt(i)) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
                return i + 1;
            }
            case 'u' -> {
                for (int digit = i + 1; digit <= i + 4; digit++) {
                    if (Character.digit(byteAt(digit), 16) < 0) {
                        throw fail("Unrecognized escape: \\u needs four hexadecimal digits");
                    }
                }
                return i + 5;
            }
            default -> throw fail("Unrecognized escape");
        }
    }

    private void skipNumber() {
        if (json[at] == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
            if (isDigit(peek())) {
                throw fail("Leading zeroes are not allowed");
            }
        } else {
            skipDigits();
        }
        if (peek() == '.') {
            at++;
            skipDigits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            skipDigits();
        }
    }

    private void skipDigits() {
        if (!isDigit(peek())) {
            throw unexpected("a digit");
        }
        while (isDigit(peek())) {
            at++;
        }
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private void skipWord(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (byteAt(at + i) != word.charAt(i)) {
                throw unexpected("a value");
            }
        }
        at += word.length();
    }

    private void skipBlanks() {
        while (at < end) {
            byte c = json[at];
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                return;
            }
            at++;
        }
    }

    private void expect(char c) {
        if (peek() != c) {
            throw unexpected("'" + c + "'");
        }
        at++;
    }

    private void expectEnd() {
        skipBlanks();
        if (at < end) {
            throw unexpected("the end");
        }
    }

    /** The next byte; at the end 0, which is allowed nowhere. */
    private byte peek() {
        return byteAt(at);
    }

    private byte byteAt(int i) {
        return i < end ? json[i] : 0;
    }

    private InvalidTaskException unexpected(String wanted) {
        return JsonError.unexpected(json, at, wanted);
    }

    private InvalidTaskException fail(String why) {
        return JsonError.at(at, why);
    }
}
