package dev.taskqueue.broker.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskHistory;
import dev.taskqueue.TaskOptions;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.Unique;
import dev.taskqueue.testing.EvilValues;
import dev.taskqueue.testing.RandomEntries;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds of tasks, statuses and dead letters whatever stands in them. */
class CodecPropertiesTest {

    private static final int MAX_BYTES = 1 << 12;
    private static final List<String> NAMES = EvilValues.names();

    private final TaskCodec codec = new TaskCodec(EvilValues.TASK_BYTES);
    private final DeadLetterWriter deadLetters = new DeadLetterWriter(codec);

    @Provide
    Arbitrary<byte[]> entries() {
        return Arbitraries.randomValue(RandomEntries::entry);
    }

    @Provide
    Arbitrary<byte[]> taskEntries() {
        return Arbitraries.randomValue(RandomEntries::task);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.randomValue(RandomEntries::text);
    }

    @Provide
    Arbitrary<Task> tasks() {
        return Arbitraries.randomValue(CodecPropertiesTest::task);
    }

    private static Task task(Random random) {
        Map<String, RawJson> unknown = new LinkedHashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            unknown.put("x" + RandomEntries.text(random), RawJson.parse(RandomEntries.json(random)));
        }
        return new Task(
                NAMES.get(random.nextInt(NAMES.size())),
                NAMES.get(random.nextInt(NAMES.size())),
                RawJson.parse(RandomEntries.json(random)),
                new TaskOptions(
                        random.nextInt(10_001),
                        Priority.values()[random.nextInt(3)],
                        random.nextBoolean() ? null : NAMES.get(random.nextInt(NAMES.size())),
                        random.nextBoolean() ? null : Duration.ofMillis(1 + random.nextInt(604_800_000)),
                        random.nextBoolean() ? null : Instant.ofEpochMilli(random.nextLong(253_402_300_800_000L)),
                        random.nextBoolean() ? null : Instant.ofEpochMilli(random.nextLong(253_402_300_800_000L)),
                        random.nextBoolean() ? null : unique(random)),
                new TaskHistory(
                        random.nextLong() >>> 1 + random.nextInt(62),
                        random.nextInt() >>> 1,
                        random.nextBoolean() ? null : RandomEntries.text(random)),
                unknown);
    }

    private static Unique unique(Random random) {
        return new Unique(
                NAMES.get(random.nextInt(NAMES.size())),
                Unique.Until.values()[random.nextInt(2)],
                Unique.OrElse.values()[random.nextInt(3)],
                random.nextBoolean() ? null : Duration.ofMillis(1_000 + random.nextInt(604_800_000)),
                random.nextBoolean());
    }

    @Property
    void an_entry_is_a_task_or_malformed_and_nothing_else(@ForAll("entries") byte[] entry) {
        try {
            Task task = codec.decode(entry, 1234).task();
            assertThat(codec.decode(codec.write(task), 5678).task()).isEqualTo(task);
        } catch (MalformedTaskException e) {
            assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(500);
            RawJson letter = RawJson.parse(deadLetters.ofMalformed(entry, e.getMessage(), 1234));
            assertThat(letter.tree().get("raw_base64").textValue())
                    .isEqualTo(java.util.Base64.getEncoder().encodeToString(entry));
        }
    }

    @Property
    void the_bytes_of_a_payload_are_the_same_after_every_move(
            @ForAll("taskEntries") byte[] entry, @ForAll("texts") String error) throws Exception {
        Task task = codec.decode(entry, 1234).task();
        assertThat(new String(entry, UTF_8))
                .contains(task.payload().isNull() ? "" : task.payload().toString());
        Task moved = codec.decode(codec.write(task.withFailure(error)), 5678).task();
        moved = codec.decode(codec.write(moved.withFailure(error)), 5678).task();
        moved = codec.decode(deadLetters.ofTask(moved.withLastError(error), error, Optional.of(error), 9_999), 5678)
                .task();
        assertThat(moved.payload()).isEqualTo(task.payload());
        assertThat(moved.extraFields()).containsAllEntriesOf(task.extraFields());
        assertThat(moved.lastError()).contains(error);
        assertThat(moved.id()).isEqualTo(task.id());
    }

    @Property
    void what_is_written_is_read_and_is_json_to_others(@ForAll("tasks") Task task) throws Exception {
        byte[] written = codec.write(task);
        assertThat(codec.decode(written, 0).task()).isEqualTo(task);
        assertThat(RawJson.parse(written).size()).isEqualTo(written.length);
    }

    @Property
    void what_a_producer_may_write_a_worker_reads_however_often_it_fails(
            @ForAll("tasks") Task task, @ForAll("texts") String error) throws Exception {
        TaskCodec small = new TaskCodec(MAX_BYTES);
        byte[] entry;
        try {
            entry = small.encode(task);
        } catch (InvalidTaskException e) {
            assertThat(codec.write(task).length).isGreaterThan(MAX_BYTES);
            return;
        }
        Task read = small.decode(entry, 0).task();
        String longest = error.substring(0, Math.min(error.length(), 2_000))
                + "\0".repeat(2_000 - Math.min(error.length(), 2_000));
        for (int i = 0; i < 3; i++) {
            read = small.decode(small.write(read.withFailure(longest)), 0).task();
        }
        assertThat(read.payload()).isEqualTo(task.payload());
    }

    @Property
    void a_status_is_read_as_it_was_written(
            @ForAll("tasks") Task task,
            @ForAll TaskState state,
            @ForAll("texts") String worker,
            @ForAll("texts") String error,
            @ForAll long since,
            @ForAll int attempts) {
        byte[] head = StatusCodec.prefix(worker);
        byte[] tail = StatusCodec.of(task, state)
                .attempts(attempts)
                .runTime(Duration.ofMillis(since >>> 1))
                .delay(Duration.ofMillis(since >>> 1))
                .result(Optional.of(task.payload()), Optional.of(error))
                .suffix();
        String text = new String(head, UTF_8) + "\"since\":" + since + "," + new String(tail, UTF_8);
        TaskStatus status = StatusCodec.read("q", task.id(), text.getBytes(UTF_8), null);
        assertThat(status.state()).isEqualTo(state);
        assertThat(status.type()).isEqualTo(task.type());
        assertThat(status.createdAt()).contains(task.createdAt());
        assertThat(status.attempts()).isEqualTo(Math.max(0, attempts));
        assertThat(status.worker()).contains(worker);
        assertThat(status.lastError()).isEqualTo(task.lastError());
        assertThat(status.result()).contains(task.payload().toString());
        assertThat(status.resultError()).contains(error);
    }

    @Property
    void whatever_stands_where_a_status_should_is_a_status_or_corrupt(
            @ForAll("entries") byte[] text, @ForAll("entries") byte[] recoveries) {
        try {
            assertThat(StatusCodec.read("q", "x", text, recoveries)).isNotNull();
        } catch (TaskQueueException e) {
            assertThat(e)
                    .isExactlyInstanceOf(TaskQueueException.class)
                    .hasMessageStartingWith("corrupt status for task x: ");
        }
        try {
            String status = "{\"state\":\"retrying\"," + new String(text, UTF_8).replaceFirst("^\\{", "");
            assertThat(StatusCodec.read("q", "x", status.getBytes(UTF_8), null)).isNotNull();
        } catch (TaskQueueException e) {
            assertThat(e)
                    .isExactlyInstanceOf(TaskQueueException.class)
                    .hasMessageStartingWith("corrupt status for task x: ");
        }
    }

    @Property
    void other_programs_read_what_is_written(@ForAll("texts") String error) throws Exception {
        Task task = Task.of("t", Map.of("a", 1)).withFailure(error);
        ObjectMapper other = new ObjectMapper();
        assertThat(other.readTree(codec.write(task)).get("last_error").textValue())
                .isEqualTo(error);
        assertThat(other.readTree(deadLetters.ofTask(task, error, Optional.empty(), 1))
                        .get("reason")
                        .textValue())
                .isEqualTo(error);
        assertThat(other.readTree(StatusCodec.of(task, TaskState.DEAD).whole())
                        .get("last_error")
                        .textValue())
                .isEqualTo(error);
    }
}
