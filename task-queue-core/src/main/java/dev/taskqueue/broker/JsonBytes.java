package dev.taskqueue.broker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** How JSON becomes bytes in Redis, and these become JSON again: numbers keep every digit, and depth is bounded. */
final class JsonBytes {

    /** Writes one JSON value. */
    interface Body {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private static final int MAX_NESTING = 500;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final ObjectReader READER = MAPPER.readerFor(JsonNode.class);

    private JsonBytes() {}

    /**
     * @return what the bytes hold; null where that is nothing
     */
    static JsonNode read(byte[] bytes) throws IOException {
        return READER.readValue(bytes);
    }

    static byte[] write(Body body) throws IOException {
        try {
            return write(body, false);
        } catch (IOException e) {
            // Half a surrogate pair is legal JSON as an escape, and UTF-8 has no bytes for it.
            return write(body, true);
        }
    }

    private static byte[] write(Body body, boolean ascii) throws IOException {
        try (ByteArrayBuilder out = new ByteArrayBuilder(256)) {
            try (JsonGenerator json = MAPPER.createGenerator(out)) {
                if (ascii) {
                    json.enable(JsonWriteFeature.ESCAPE_NON_ASCII.mappedFeature());
                }
                body.writeTo(json);
            }
            return out.toByteArray();
        }
    }
}
