package dev.taskqueue.internal;

import dev.taskqueue.RawJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes one JSON object as UTF-8: names and numbers of our own, any text, and values that are JSON already. Nothing that
 * it is given can fail: half a surrogate pair, for which UTF-8 has no bytes, becomes an escape. It takes a third of the
 * time of a general writer, as nothing has to be set up for it.
 */
public final class JsonWriter {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

    /** What the longest number takes. */
    private static final int LONG_BYTES = 20;

    /** What most objects have. */
    private static final int MEMBERS = 16;

    /** Each name, followed by its value. */
    private Object[] members = new Object[2 * MEMBERS];

    private int count;
    private byte[] bytes;
    private int size;

    /**
     * @param capacity how many bytes to begin with; they grow as needed
     */
    public JsonWriter(int capacity) {
        bytes = new byte[capacity];
    }

    /**
     * @param name of a member of our own: ASCII without anything to escape
     * @return all that stands before its value but the comma
     */
    public static byte[] name(String name) {
        return ('"' + name + "\":").getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * @param text any
     * @return it as a JSON string
     */
    public static byte[] string(String text) {
        JsonWriter json = new JsonWriter(text.length() + 2);
        json.text(text);
        return json.written();
    }

    /**
     * @param values JSON each
     * @return them as a JSON array
     */
    public static byte[] array(Iterable<byte[]> values) {
        JsonWriter json = new JsonWriter(64);
        json.put('[');
        for (byte[] value : values) {
            if (json.size > 1) {
                json.put(',');
            }
            json.put(value);
        }
        json.put(']');
        return json.written();
    }

    /**
     * @param name what {@link #name} made
     * @param value its value
     * @return this
     */
    public JsonWriter field(byte[] name, String value) {
        return add(name, value);
    }

    /**
     * @param name what {@link #name} made
     * @param value its value
     * @return this
     */
    public JsonWriter field(byte[] name, long value) {
        return add(name, value);
    }

    /**
     * @param name what {@link #name} made
     * @param value its value
     * @return this
     */
    public JsonWriter field(byte[] name, RawJson value) {
        return add(name, value);
    }

    /**
     * @param name what {@link #name} made
     * @param value its value
     * @return this
     */
    public JsonWriter field(byte[] name, boolean value) {
        return json(name, value ? TRUE : FALSE);
    }

    /**
     * @param name what {@link #name} made
     * @param value its value: JSON that was written here, such as an {@link #array}
     * @return this
     */
    public JsonWriter json(byte[] name, byte[] value) {
        return add(name, value);
    }

    /**
     * @param name any
     * @param value its value
     * @return this
     */
    public JsonWriter field(String name, RawJson value) {
        return add(name, value);
    }

    private JsonWriter add(Object name, Object value) {
        if (count == members.length) {
            members = Arrays.copyOf(members, 2 * count);
        }
        members[count++] = name;
        members[count++] = value;
        return this;
    }

    /**
     * Writes the object. All members in one loop: written as they were given, the code of each kind of value would be compiled
     * once for each field, which a fresh JVM took most of a second of a core for.
     *
     * @return the object
     */
    public byte[] toBytes() {
        put('{');
        for (int i = 0; i < count; i += 2) {
            if (i > 0) {
                put(',');
            }
            if (members[i] instanceof byte[] known) {
                put(known);
            } else {
                text((String) members[i]);
                put(':');
            }
            Object value = members[i + 1];
            if (value instanceof String text) {
                text(text);
            } else if (value instanceof Long number) {
                number(number);
            } else if (value instanceof byte[] json) {
                put(json);
            } else {
                raw((RawJson) value);
            }
        }
        put('}');
        return written();
    }

    private byte[] written() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    private void raw(RawJson value) {
        reserve(value.size());
        value.copyTo(bytes, size);
        size += value.size();
    }

    private void number(long value) {
        if (value < 0) {
            put(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
            return;
        }
        reserve(LONG_BYTES);
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = size + digits - 1; i >= size; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
    }

    private void text(String value) {
        int length = value.length();
        reserve(length + 2);
        bytes[size++] = '"';
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c >= ' ' && c < 0x80 && c != '"' && c != '\\') {
                bytes[size++] = (byte) c;
            } else {
                // Room for this one, and for one byte of each that follows, and the quote.
                reserve(6 + length - i);
                i += character(value, i, c);
            }
        }
        bytes[size++] = '"';
    }

    /** How many more of the text's chars were written than one. */
    private int character(String value, int i, char c) {
        if (c < 0x80) {
            escape(c);
        } else if (c < 0x800) {
            bytes[size++] = (byte) (0xc0 | c >> 6);
            bytes[size++] = tail(c);
        } else if (!Character.isSurrogate(c)) {
            bytes[size++] = (byte) (0xe0 | c >> 12);
            bytes[size++] = tail(c >> 6);
            bytes[size++] = tail(c);
        } else if (Character.isHighSurrogate(c)
                && i + 1 < value.length()
                && Character.isLowSurrogate(value.charAt(i + 1))) {
            int point = Character.toCodePoint(c, value.charAt(i + 1));
            bytes[size++] = (byte) (0xf0 | point >> 18);
            bytes[size++] = tail(point >> 12);
            bytes[size++] = tail(point >> 6);
            bytes[size++] = tail(point);
            return 1;
        } else {
            escape(c);
        }
        return 0;
    }

    private static byte tail(int bits) {
        return (byte) (0x80 | bits & 0x3f);
    }

    /** As short as JSON allows: a text that was read must not grow when it is written. */
    private void escape(char c) {
        bytes[size++] = '\\';
        switch (c) {
            case '"', '\\' -> bytes[size++] = (byte) c;
            case '\b' -> bytes[size++] = 'b';
            case '\f' -> bytes[size++] = 'f';
            case '\n' -> bytes[size++] = 'n';
            case '\r' -> bytes[size++] = 'r';
            case '\t' -> bytes[size++] = 't';
            default -> {
                bytes[size++] = 'u';
                for (int shift = 12; shift >= 0; shift -= 4) {
                    bytes[size++] = HEX[c >> shift & 15];
                }
            }
        }
    }

    private void put(char c) {
        reserve(1);
        bytes[size++] = (byte) c;
    }

    private void put(byte[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length + (bytes.length >> 1)));
        }
    }
}
