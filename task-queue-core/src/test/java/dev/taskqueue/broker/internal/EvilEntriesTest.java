package dev.taskqueue.broker.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.Task;
import dev.taskqueue.testing.EvilValues;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands in an entry, it is a task that travels unchanged, or it is told why it is none. */
class EvilEntriesTest {

    private final TaskCodec codec = new TaskCodec(EvilValues.TASK_BYTES);
    private final DeadLetterWriter deadLetters = new DeadLetterWriter(codec);

    @ParameterizedTest
    @MethodSource("dev.taskqueue.testing.EvilValues#malformed")
    void what_is_no_task_is_told_why_briefly(EvilValues.Entry entry) {
        assertThatThrownBy(() -> codec.decode(entry.bytes(), 1234))
                .isInstanceOf(MalformedTaskException.class)
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(500));
    }

    @ParameterizedTest
    @MethodSource("dev.taskqueue.testing.EvilValues#runnable")
    void the_bytes_of_a_payload_are_the_same_after_every_move(EvilValues.Entry entry) throws Exception {
        Task task = codec.decode(entry.bytes(), 1234).task();
        assertThat(task.type()).isEqualTo(EvilValues.TYPE);
        String payload = task.payload().toString();
        if (entry.bytes().length < 1_000) {
            assertThat(payload.equals("null") || new String(entry.bytes(), UTF_8).contains(payload))
                    .as("%s stands in the entry", payload)
                    .isTrue();
        }
        Task moved = task;
        for (int move = 0; move < 3; move++) {
            byte[] retried = codec.write(moved.withFailure("\uD83D".repeat(2_000)));
            moved = codec.decode(retried, 5678).task();
            byte[] dead = deadLetters.ofTask(moved.withLastError("no"), "why", Optional.empty(), 9_999);
            moved = codec.decode(dead, 5678).task();
            assertThat(moved.id()).isEqualTo(task.id());
            assertThat(moved.createdAt()).isEqualTo(task.createdAt());
            assertThat(moved.payload().toString()).isEqualTo(payload);
            Task of = moved;
            task.extraFields()
                    .forEach((name, value) -> assertThat(
                                    name.equals("reason") || name.equals("died_at")
                                            ? value.toString()
                                            : of.extraFields().get(name).toString())
                            .isEqualTo(value.toString()));
        }
    }
}
