package dev.taskqueue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.taskqueue.testing.RandomEntries;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What JSON is, in the eyes of {@link RawJson} and of Jackson. */
class RawJsonPropertiesTest {

    private static final JsonFactory JACKSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonScanner.MAX_DEPTH)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    @Provide
    Arbitrary<byte[]> entries() {
        return Arbitraries.randomValue(RandomEntries::entry);
    }

    @Provide
    Arbitrary<String> json() {
        return Arbitraries.randomValue(RandomEntries::json);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.randomValue(RandomEntries::text);
    }

    @Property
    void it_is_json_exactly_if_jackson_says_so(@ForAll("entries") byte[] bytes) {
        boolean json = isRawJson(bytes);
        try {
            assertThat(json).as(() -> new String(bytes, UTF_8)).isEqualTo(isJackson(bytes));
        } catch (JsonParseException e) {
            // Jackson takes half a surrogate pair, escaped, for a value and not for a name; RFC 8259 for either.
            assertThat(e.getOriginalMessage()).contains("surrogate");
        }
    }

    private static boolean isRawJson(byte[] bytes) {
        try {
            RawJson.parse(bytes);
            return true;
        } catch (InvalidTaskException e) {
            assertThat(e.getMessage()).matches("(?s)(not JSON|too deep): .*").hasSizeLessThan(200);
            return false;
        }
    }

    private static boolean isJackson(byte[] bytes) throws JsonParseException {
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return false;
        }
        // Jackson passes over a byte order mark, which stands before an entry, and never before a value.
        if (text.startsWith("\uFEFF")) {
            return false;
        }
        int roots = 0;
        try (JsonParser parser = JACKSON.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    parser.getText();
                }
                if (parser.getParsingContext().inRoot() && !token.isStructStart()) {
                    roots++;
                }
            }
        } catch (IOException e) {
            if (e instanceof JsonParseException surrogate
                    && surrogate.getOriginalMessage().contains("surrogate")) {
                throw surrogate;
            }
            return false;
        }
        return roots == 1;
    }

    @Property
    void its_text_is_what_was_given(@ForAll("json") String json) {
        assertThat(RawJson.parse(" " + json + "\n").toString()).isEqualTo(json);
        assertThat(RawJson.parse(json)).isEqualTo(RawJson.parse(json.getBytes(UTF_8)));
        assertThat(RawJson.parse(json)).hasSameHashCodeAs(RawJson.parse(" " + json));
    }

    @Property
    void it_becomes_a_tree_or_says_where_it_does_not_fit(@ForAll("json") String json) {
        RawJson raw = RawJson.parse(json);
        try {
            RawJson.of(raw.tree());
        } catch (InvalidTaskException e) {
            assertThat(e.getMessage()).startsWith("JSON").hasSizeLessThan(1_000);
        }
    }

    @Property
    void any_string_survives(@ForAll("texts") String text) {
        RawJson raw = RawJson.of(text);
        assertThat(raw.stringValue()).contains(text);
        assertThat(RawJson.parse(raw.toString())).isEqualTo(raw);
        RawJson object = RawJson.of(Map.of(text, text));
        RawJson.readMembers(object.toString().getBytes(UTF_8), (name, value) -> {
            assertThat(name).isEqualTo(text);
            assertThat(value.stringValue()).contains(text);
        });
    }

    @Property
    void any_long_survives_and_no_other_number_becomes_one(@ForAll long number, @ForAll("json") String json) {
        assertThat(RawJson.parse(Long.toString(number)).longValue()).hasValue(number);
        RawJson.parse(json)
                .longValue()
                .ifPresent(value -> assertThat(json)
                        .matches(text -> text.equals("-0") ? value == 0 : text.equals(Long.toString(value))));
    }

    @Property
    void members_are_those_of_the_tree(@ForAll("json") String first, @ForAll("json") String second) {
        String object = "\uFEFF {\"a\" : " + first + " ,\"\\u0062\":" + second + ", \"a\":" + second + "}\n";
        Map<String, RawJson> members = new LinkedHashMap<>();
        RawJson.readMembers(object.getBytes(UTF_8), members::put);
        assertThat(members).containsOnly(Map.entry("a", RawJson.parse(second)), Map.entry("b", RawJson.parse(second)));
    }
}
