package dev.taskqueue.broker.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskCodecTest {

    private final TaskCodec codec = new TaskCodec(1 << 20);

    private Task decode(String json) throws MalformedTaskException {
        return codec.decode(json.getBytes(UTF_8), 1234).task();
    }

    @Test
    void a_full_task_survives_the_round_trip() throws Exception {
        Task task = Task.of("t", "payload")
                .withIdempotencyKey("k")
                .withPriority(Priority.HIGH)
                .withTimeout(Duration.ofSeconds(3))
                .withFailure("first")
                .withMaxRetries(7);
        assertThat(codec.decode(codec.encode(task), 0).task()).isEqualTo(task);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":[]}",
                "{}",
                "[]",
                "null",
                "\"\"",
                "1.10",
                "1E+400",
                "123456789012345678901234567890",
                "{\"\":{\"é\":\"\\uD800\"}}",
                "\"\\u0000\\n\""
            })
    void any_payload_survives_to_the_last_digit(String payload) throws Exception {
        Task task = decode("{\"type\":\"t\",\"payload\":" + payload + "}");
        Task again = codec.decode(codec.encode(task), 0).task();
        assertThat(again.payload()).isEqualTo(task.payload());
        if (payload.indexOf('\\') < 0) {
            assertThat(new String(codec.encode(task), UTF_8)).contains("\"payload\":" + payload);
        }
    }

    @Test
    void unknown_fields_travel_along_in_their_order() throws Exception {
        Task task = decode("{\"type\":\"t\",\"trace\":{\"b\":1,\"a\":[]},\"n\":1.50,\"nil\":null}");
        assertThat(new String(codec.encode(task.withFailure("x")), UTF_8))
                .contains("\"trace\":{\"b\":1,\"a\":[]},\"n\":1.50,\"nil\":null");
    }

    @Test
    void what_a_bare_push_leaves_out_gets_its_default() throws Exception {
        TaskCodec.Decoded decoded = codec.decode("{\"type\":\"t\"}".getBytes(UTF_8), 1234);
        assertThat(decoded.ownId()).isFalse();
        assertThat(decoded.dated()).isFalse();
        assertThat(decoded.task().history().createdAtMillis()).isEqualTo(1234);
        assertThat(decoded.task().maxRetries()).isEqualTo(3);
        assertThat(decode("{\"type\":\"t\",\"retry\":null,\"idempotency_key\":null}")
                        .idempotencyKey())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|the entry is not JSON: No content",
                "[]|the entry is a JSON array; it must be an object",
                "nonsense|the entry is not JSON: Unrecognized token 'nonsense'",
                "{}|type is missing or blank",
                "{\"type\":7}|type is 7; it must be a string",
                "{\"type\":\"t\",\"retry\":-1}|retry is -1; allowed is 0 to 2147483647",
                "{\"type\":\"t\",\"retry\":1.5}|retry is 1.5; it must be an integer",
                "{\"type\":\"t\",\"max_retries\":99999999999}|max_retries is 99999999999; it must be an integer of 32 bits",
                "{\"type\":\"t\",\"max_retries\":10001}|max_retries is 10001; allowed is 0 to 10000",
                "{\"type\":\"t\",\"priority\":\"urgent\"}|priority is \"urgent\"; allowed are \"high\", \"normal\" and \"low\"",
                "{\"type\":\"t\",\"timeout_ms\":0}|timeout_ms is 0; allowed is 1 to",
                "{\"type\":\"t\",\"created_at\":-5}|created_at is -5",
                "{\"type\":\"t\",\"id\":\"\"}|id is missing or blank",
                "{\"type\":\"t\"}x|the entry is not JSON"
            })
    void what_is_no_task_is_told_why(String json, String message) {
        assertThatThrownBy(() -> decode(json))
                .isInstanceOf(MalformedTaskException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void depth_and_size_are_bounded() {
        String deep = "[".repeat(10_000) + "]".repeat(10_000);
        assertThatThrownBy(() -> decode("{\"type\":\"t\",\"payload\":" + deep + "}"))
                .isInstanceOf(MalformedTaskException.class)
                .hasMessageContaining("nesting depth");
        assertThatThrownBy(() -> codec.encode(Task.of("t", "x".repeat(1 << 20))))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining("at most 1048576 are allowed");
        assertThatThrownBy(() -> decode("{\"type\":\"t\",\"payload\":\"" + "x".repeat(1 << 21) + "\"}"))
                .isInstanceOf(MalformedTaskException.class)
                .hasMessageContaining("at most");
    }

    @Test
    void an_accepted_task_of_the_largest_size_may_grow_by_its_error() throws Exception {
        Task task = Task.of("t", "x".repeat((1 << 20) - 200));
        byte[] grown = codec.write(codec.decode(codec.encode(task), 0).task().withFailure("e".repeat(2_000)));
        assertThat(codec.decode(grown, 0).task().retry()).isEqualTo(1);
    }
}
