package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class FlatJsonEncoderTest {

    private static JsonNode encode(String message, Throwable failure, Map<String, String> mdc, KeyValuePair... pairs)
            throws IOException {
        LoggingEvent event =
                new LoggingEvent("x", new LoggerContext().getLogger("a.B"), Level.WARN, message, failure, null);
        event.setMDCPropertyMap(mdc);
        event.setKeyValuePairs(List.of(pairs));
        byte[] line = new FlatJsonEncoder().encode(event);
        assertThat(new String(line, 0, line.length - 1, "UTF-8")).doesNotContain("\n");
        assertThat(line[line.length - 1]).isEqualTo((byte) '\n');
        return new ObjectMapper().readTree(line);
    }

    @Test
    void a_line_is_one_flat_object_with_numbers_as_numbers() throws Exception {
        JsonNode line = encode(
                "task died",
                null,
                Map.of("task_id", "of the thread"),
                new KeyValuePair("task_id", "t1"),
                new KeyValuePair("duration_ms", 12L),
                new KeyValuePair("ratio", 0.5),
                new KeyValuePair("replaced", true),
                new KeyValuePair("ids", List.of("a", 1)),
                new KeyValuePair("nothing", null),
                new KeyValuePair("evil", new Object() {
                    @Override
                    public String toString() {
                        throw new IllegalStateException();
                    }
                }));
        assertThat(line.get("msg").textValue()).isEqualTo("task died");
        assertThat(line.get("level").textValue()).isEqualTo("WARN");
        assertThat(line.get("time").textValue()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(line.get("logger").textValue()).isEqualTo("a.B");
        assertThat(line.get("task_id").textValue()).isEqualTo("t1");
        assertThat(line.get("duration_ms").longValue()).isEqualTo(12);
        assertThat(line.get("duration_ms").isNumber()).isTrue();
        assertThat(line.get("ratio").doubleValue()).isEqualTo(0.5);
        assertThat(line.get("replaced").booleanValue()).isTrue();
        assertThat(line.get("ids")).hasToString("[\"a\",1]");
        assertThat(line.get("nothing").isNull()).isTrue();
        assertThat(line.get("evil").textValue()).startsWith(getClass().getName());
    }

    @Test
    void whatever_a_text_holds_the_line_stays_json() throws Exception {
        String evil = "\u0000\n\"}\u2028\uD83D half, \uD83D\uDE00 whole";
        JsonNode line = encode(evil, null, Map.of(), new KeyValuePair(evil, evil));
        String whole = evil.replace("\uD83D half", "? half");
        assertThat(line.get("msg").textValue()).isEqualTo(whole);
        assertThat(line.get(whole).textValue()).isEqualTo(whole);
    }

    @Test
    void a_stack_is_a_field_and_names_its_error() throws Exception {
        JsonNode line = encode("failed", new IllegalStateException("why", new IOException("disk")), Map.of());
        assertThat(line.get("error").textValue()).isEqualTo("java.lang.IllegalStateException: why");
        assertThat(line.get("stack").textValue()).contains("Caused by: java.io.IOException: disk", "at dev.taskqueue");
    }
}
