package dev.taskqueue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Binds JSON to the caller's classes and back. No default typing: a payload never names a class. */
final class Json {

    /**
     * What {@link JsonScanner} lets through can be read: no limits but its own. Names are not kept, since those of payloads
     * are not ours to choose: they would fill a table that all parsers share.
     */
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(JsonScanner.MAX_DEPTH)
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .streamWriteConstraints(StreamWriteConstraints.builder()
                            .maxNestingDepth(JsonScanner.MAX_DEPTH)
                            .build())
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
                    .build())
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final ObjectWriter WRITER = MAPPER.writer();
    private static final ObjectWriter ASCII_WRITER = WRITER.with(JsonWriteFeature.ESCAPE_NON_ASCII);

    /** How many steps of a path stand in a message. */
    private static final int MAX_STEPS = 10;

    private Json() {}

    /**
     * @return the value as JSON in UTF-8, as Jackson writes it
     * @throws InvalidTaskException if Jackson cannot write it
     */
    static byte[] write(Object value) {
        try {
            try {
                return WRITER.writeValueAsBytes(value);
            } catch (JsonProcessingException e) {
                // Half a surrogate pair is legal JSON as an escape, and UTF-8 has no bytes for it.
                return ASCII_WRITER.writeValueAsBytes(value);
            }
        } catch (JsonProcessingException e) {
            throw unwritable(value, e.getOriginalMessage(), e);
        } catch (RuntimeException | StackOverflowError e) {
            throw unwritable(value, e.getClass().getName(), e);
        }
    }

    private static InvalidTaskException unwritable(Object value, String why, Throwable cause) {
        return new InvalidTaskException(
                "not writable as JSON: " + value.getClass().getName() + ": " + why, cause);
    }

    /**
     * Converts JSON that has been checked.
     *
     * @param what what the JSON is, and {@code of} what follows where in the message
     * @throws InvalidTaskException if it does not fit; the message says where, and not what: it goes to logs, and what
     *     stands in a payload must not
     */
    static <T> T read(byte[] json, int offset, int length, Class<T> type, String what, String of) {
        try (JsonParser parser = MAPPER.createParser(json, offset, length)) {
            try {
                return MAPPER.readValue(parser, type);
            } catch (IOException | RuntimeException | StackOverflowError e) {
                String where = path(parser.getParsingContext());
                throw new InvalidTaskException(what + where + of + " does not fit " + type.getName(), e);
            }
        } catch (IOException e) {
            throw new InvalidTaskException(what + of + " does not fit " + type.getName(), e);
        }
    }

    private static String path(JsonStreamContext where) {
        String path = "";
        int steps = 0;
        for (JsonStreamContext at = where; at != null && !at.inRoot(); at = at.getParent()) {
            String name = at.getCurrentName();
            String step = at.inArray()
                    ? "[" + Math.max(0, at.getCurrentIndex()) + "]"
                    : name == null ? "" : "." + TaskLimits.shorten(name);
            steps++;
            path = step + (steps <= MAX_STEPS ? path : "");
        }
        return steps <= MAX_STEPS ? path : path + "…";
    }

    /**
     * @throws InvalidTaskException if it holds half a surrogate pair, which has no bytes in UTF-8
     */
    static byte[] utf8(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException e) {
            throw new InvalidTaskException("not JSON: Half a surrogate pair: escape it", e);
        }
    }
}
