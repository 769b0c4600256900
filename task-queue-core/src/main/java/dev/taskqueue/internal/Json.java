package dev.taskqueue.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.ser.std.StringSerializer;
import dev.taskqueue.InvalidTaskException;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.LoggerFactory;

/** Binds JSON to the caller's classes and back. */
public final class Json {

    /** How deep a value may nest. */
    public static final int MAX_DEPTH = 500;

    /** Apart, as it is made of some 400 classes, which nobody should wait for who only passes JSON on. */
    private static final class DefaultMapper {

        static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .maxNumberLength(Integer.MAX_VALUE)
                                .maxStringLength(Integer.MAX_VALUE)
                                .maxNameLength(Integer.MAX_VALUE)
                                .build())
                        .streamWriteConstraints(StreamWriteConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .build())
                        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                        .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
                        .build())
                .addModules(Modules.FOUND)
                .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
    }

    /** Those on the class path, such as the ones for java.time and Optional; one that is broken costs the others. */
    private static final class Modules {

        static final List<Module> FOUND = find();

        private static List<Module> find() {
            try {
                // As the mapper itself would, which takes long to load.
                return ServiceLoader.load(Module.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
            } catch (ServiceConfigurationError | LinkageError e) {
                LoggerFactory.getLogger(Json.class)
                        .atWarn()
                        .addKeyValue("error", e.toString())
                        .log("Jackson modules on the class path cannot be loaded; continuing without them");
                return List.of();
            }
        }
    }

    /** What modules make of texts: one may encrypt them. Without modules it takes no mapper to know. */
    private static final class Texts {

        static final boolean PLAIN = Modules.FOUND.isEmpty() || hasPlainSerializer();

        private static boolean hasPlainSerializer() {
            try {
                return mapper().getSerializerProviderInstance().findValueSerializer(String.class)
                        instanceof StringSerializer;
            } catch (JsonProcessingException | LinkageError e) {
                // Then the mapper says so at each text.
                return false;
            }
        }
    }

    private Json() {}

    /**
     * The mapper where the caller brings none. No default typing: a payload never names a class. What was let through once
     * can be read: no limits but ours. Names are not kept, since those of payloads are not ours to choose: they would fill a
     * table that all parsers share.
     *
     * @return the same at every call
     */
    public static ObjectMapper mapper() {
        return DefaultMapper.MAPPER;
    }

    /**
     * @return whether {@link #mapper()} writes a text as it is, so that nobody has to wait for it to be made: some module may
     *     have other plans for texts
     */
    public static boolean writesTextsAsTheyAre() {
        return Texts.PLAIN;
    }

    /**
     * @param value what to write
     * @param mapper writes it
     * @return the value as JSON in UTF-8
     * @throws InvalidTaskException if it cannot be written
     */
    public static byte[] write(Object value, ObjectMapper mapper) {
        try {
            try {
                return mapper.writeValueAsBytes(value);
            } catch (JsonProcessingException e) {
                // Half a surrogate pair is legal JSON as an escape, and UTF-8 has no bytes for it.
                return mapper.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsBytes(value);
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
     * @param json holds it
     * @param offset where it begins
     * @param length how many bytes it has
     * @param type what to bind to
     * @param mapper binds it
     * @param what what the JSON is, and {@code of} what follows where in the message
     * @param of see there
     * @param <T> what to bind to
     * @return the object; null where it is JSON's null
     * @throws InvalidTaskException if it does not fit; the message says where and why, and shows nothing of the JSON: it
     *     goes to logs, and what stands in a payload must not
     */
    public static <T> T read(
            byte[] json, int offset, int length, Type type, ObjectMapper mapper, String what, String of) {
        try (JsonParser parser = mapper.createParser(json, offset, length)) {
            try {
                return mapper.readValue(parser, mapper.constructType(type));
            } catch (IOException | RuntimeException | StackOverflowError e) {
                throw new InvalidTaskException(
                        BindingError.describe(e, parser, type, what, of), BindingError.safeCause(e));
            }
        } catch (IOException e) {
            throw new InvalidTaskException(what + of + " does not fit " + type.getTypeName(), e);
        }
    }

    /**
     * @param made of that type, as the caller knows
     * @param <T> of that type
     * @return it
     */
    @SuppressWarnings("unchecked")
    public static <T> T cast(Object made) {
        return (T) made;
    }

    /**
     * @param text any
     * @return its bytes
     * @throws InvalidTaskException if it holds half a surrogate pair, which has no bytes in UTF-8
     */
    public static byte[] utf8(String text) {
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
