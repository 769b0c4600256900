package dev.taskqueue;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.internal.Json;
import dev.taskqueue.internal.JsonWriter;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One JSON value as the text it was written as: it travels byte for byte, and is converted only where somebody asks for a
 * {@link #tree} or an object. So no digit, no order and no {@code -0.0} is lost on the way, and no number is too large for
 * it. It is always valid, nests at most 500 levels, and has no blanks around it.
 *
 * <p>Immutable and thread-safe. Two are equal if their bytes are: {@code 1.0} and {@code 1.00} are not.
 */
public final class RawJson {

    /** JSON's null. */
    public static final RawJson NULL = parse("null");

    // Of a larger array, if need be: the entry that it was found in is kept for as long as the task is anyway.
    private final byte[] array;
    private final int offset;
    private final int length;
    private volatile JsonNode tree;

    /** Of bytes that have been checked, and that nobody changes. */
    RawJson(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /**
     * Takes JSON text as it is.
     *
     * @param json one JSON value; blanks around it are dropped
     * @return the value
     * @throws InvalidTaskException if it is not JSON, holds half a surrogate pair that is not escaped, or nests too deep;
     *     the message says what is wrong and where, such as {@code not JSON: No content (at byte 0)}
     */
    public static RawJson parse(String json) {
        return parse(Json.utf8(json));
    }

    /**
     * Takes JSON text as it is.
     *
     * @param json one JSON value in UTF-8, not to be changed afterwards; blanks around it are dropped
     * @return the value
     * @throws InvalidTaskException if it is not JSON, or nests too deep; the message says what is wrong and where
     */
    public static RawJson parse(byte[] json) {
        return new JsonScanner(json).only();
    }

    /**
     * Writes a value as JSON.
     *
     * @param value a {@link JsonNode}, or anything Jackson can write; null is JSON's null, and a {@link RawJson} is itself
     * @return its JSON
     * @throws InvalidTaskException if it cannot be written, or nests too deep
     */
    public static RawJson of(@Nullable Object value) {
        // The mapper takes long to make, and what is JSON already, or a mere text, does not need it.
        if (value == null) {
            return NULL;
        }
        if (value instanceof RawJson raw) {
            return raw;
        }
        if (value instanceof String text && Json.writesTextsAsTheyAre()) {
            byte[] json = JsonWriter.string(text);
            return new RawJson(json, 0, json.length);
        }
        return of(value, Json.mapper());
    }

    /**
     * Writes a value as JSON, as a mapper of one's own does.
     *
     * @param value a {@link JsonNode}, or anything that the mapper can write; null is JSON's null, and a {@link RawJson} is
     *     itself
     * @param mapper writes it
     * @return its JSON
     * @throws InvalidTaskException if it cannot be written, or nests too deep
     */
    public static RawJson of(@Nullable Object value, ObjectMapper mapper) {
        if (value == null) {
            return NULL;
        }
        if (value instanceof RawJson raw) {
            return raw;
        }
        // Checked also where Jackson wrote it: a raw value must not break out of its place.
        return parse(Json.write(value, mapper));
    }

    /**
     * Reads one JSON object and hands over its members in their order, without converting any of them. Where a name comes
     * twice, so does the call: the last one counts.
     *
     * @param json the object in UTF-8, not to be changed afterwards; blanks around it are passed over
     * @param members takes each name and value
     * @throws InvalidTaskException if it is not JSON, no object, or nests too deep; some members may have been handed over.
     *     The message says what is wrong, such as {@code a JSON array; it must be an object}
     */
    public static void readMembers(byte[] json, BiConsumer<String, RawJson> members) {
        new JsonScanner(json).members(members);
    }

    /**
     * @return whether it is JSON's null
     */
    public boolean isNull() {
        return array[offset] == 'n';
    }

    /**
     * @return how many bytes it has in UTF-8
     */
    public int size() {
        return length;
    }

    /**
     * Copies its UTF-8 bytes.
     *
     * @param target where to; it must have {@link #size} bytes of room
     * @param position where the first byte goes
     */
    public void copyTo(byte[] target, int position) {
        System.arraycopy(array, offset, target, position, length);
    }

    /**
     * @return the text of a JSON string; empty for any other value
     */
    public Optional<String> stringValue() {
        return array[offset] == '"' ? Optional.of(unescape(array, offset + 1, offset + length - 1)) : Optional.empty();
    }

    /**
     * @return the value of a JSON number that has neither a fraction nor an exponent and fits 64 bits; empty for any other
     */
    public OptionalLong longValue() {
        int i = offset;
        int end = offset + length;
        boolean negative = array[i] == '-';
        if (negative) {
            i++;
        }
        // Downwards, where there is room for one more.
        long value = 0;
        for (; i < end; i++) {
            int digit = array[i] - '0';
            if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
                return OptionalLong.empty();
            }
            value = value * 10 - digit;
        }
        if (negative) {
            return OptionalLong.of(value);
        }
        return value == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(-value);
    }

    /**
     * @return the value as a tree, made at the first call and shared; do not change it
     * @throws InvalidTaskException if a number in it is too large to be converted, or a name holds half a surrogate pair;
     *     the message says where, and not what
     */
    public JsonNode tree() {
        JsonNode made = tree;
        if (made == null) {
            made = Json.read(array, offset, length, JsonNode.class, Json.mapper(), "JSON", "");
            tree = made;
        }
        return made;
    }

    /**
     * Binds it to a class, without default typing and ignoring properties that the class does not have.
     *
     * @param type what to bind to
     * @param <T> what to bind to
     * @return the object; null where this is JSON's null
     * @throws InvalidTaskException if it does not fit; the message says where, and not what
     */
    public <T> T as(Class<T> type) {
        return bind(type, Json.mapper(), "JSON", "");
    }

    /**
     * Binds it with a mapper: what to call the value in a message, and what to say after where.
     *
     * @throws InvalidTaskException if it does not fit
     */
    <T> T bind(Type type, ObjectMapper mapper, String what, String of) {
        boolean asTree = type == JsonNode.class && mapper == Json.mapper();
        if (asTree && tree != null) {
            return Json.cast(tree);
        }
        T made = Json.read(array, offset, length, type, mapper, what, of);
        if (asTree) {
            tree = (JsonNode) made;
        }
        return made;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawJson json
                && Arrays.equals(array, offset, offset + length, json.array, json.offset, json.offset + json.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    /**
     * @return the text; Jackson writes it as it is
     */
    @Override
    @JsonValue
    @JsonRawValue
    public String toString() {
        return new String(array, offset, length, StandardCharsets.UTF_8);
    }

    /** The text between the quotes of a JSON string that has been checked. */
    static String unescape(byte[] json, int from, int end) {
        int escape = from;
        while (escape < end && json[escape] != '\\') {
            escape++;
        }
        if (escape == end) {
            return new String(json, from, end - from, StandardCharsets.UTF_8);
        }
        StringBuilder text = new StringBuilder(end - from);
        for (int plain = from; plain < end; ) {
            escape = plain;
            while (escape < end && json[escape] != '\\') {
                escape++;
            }
            text.append(new String(json, plain, escape - plain, StandardCharsets.UTF_8));
            if (escape == end) {
                break;
            }
            plain = escape + 2;
            switch (json[escape + 1]) {
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    text.append((char) HexFormat.fromHexDigits(new String(json, plain, 4, StandardCharsets.US_ASCII)));
                    plain += 4;
                }
                default -> text.append((char) json[escape + 1]);
            }
        }
        return text.toString();
    }
}
