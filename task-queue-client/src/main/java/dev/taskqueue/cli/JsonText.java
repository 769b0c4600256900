package dev.taskqueue.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.taskqueue.InvalidTaskException;

/** JSON as people give it on a command line; numbers keep every digit. */
final class JsonText {

    static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private JsonText() {}

    /**
     * @param where what the text is, for the message
     * @throws InvalidTaskException if it is not JSON
     */
    static JsonNode parse(String text, String where) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node.isMissingNode()) {
                throw new InvalidTaskException(where + " is empty; it must be JSON");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new InvalidTaskException(where + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
