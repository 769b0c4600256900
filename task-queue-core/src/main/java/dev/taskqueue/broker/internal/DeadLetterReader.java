package dev.taskqueue.broker.internal;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskOptions;
import dev.taskqueue.Unique;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what lies in {@code dead}, whoever has put it there: what cannot be read is a letter too. */
final class DeadLetterReader {

    /** What a letter has and its task had not. */
    private static final Set<String> OF_DEATH = Set.of("reason", "died_at", "stack");

    /** In the envelope of what is no JSON, which the list in Redis does not have. */
    private static final String BARE = "bare";

    private static final int SHOWN_CHARS = 2_000;

    private final TaskCodec codec;

    DeadLetterReader(TaskCodec codec) {
        this.codec = codec;
    }

    /**
     * @param position how many older letters there are
     */
    DeadLetter read(byte[] raw, long position) {
        Map<String, RawJson> fields = new LinkedHashMap<>();
        RawJson json;
        try {
            json = RawJson.parse(raw);
            RawJson.readMembers(raw, fields::put);
        } catch (RuntimeException e) {
            // Nobody of ours wrote it.
            return bare(raw, position);
        }
        if (json.size() != raw.length) {
            // With blanks around it, which its bytes in Redis have.
            return bare(raw, position);
        }
        Optional<Task> task = task(raw, fields);
        return new DeadLetter(
                task.map(Task::id).orElseGet(() -> idOf(raw)),
                task.map(Task::type),
                text(fields, "reason").orElse(""),
                text(fields, "last_error"),
                time(fields),
                task.map(Task::retry).orElse(0),
                task.isPresent(),
                position,
                json);
    }

    private DeadLetter bare(byte[] raw, long position) {
        RawJson json = RawJson.parse("{\"" + BARE + "\":true,\"size\":" + raw.length + ",\"preview\":"
                + WireValues.of(DeadLetterWriter.preview(raw)) + ",\"raw_base64\":\""
                + Base64.getEncoder().encodeToString(raw) + "\"}");
        return new DeadLetter(
                idOf(raw),
                Optional.empty(),
                "",
                Optional.of("not a JSON object"),
                Optional.empty(),
                0,
                false,
                position,
                json);
    }

    private Optional<Task> task(byte[] raw, Map<String, RawJson> fields) {
        if (!fields.containsKey("id")) {
            return Optional.empty();
        }
        try {
            return Optional.of(codec.decode(raw, 0).task());
        } catch (MalformedTaskException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The letter's bytes as they lie in Redis. */
    byte[] raw(DeadLetter letter) {
        byte[] json = letter.json().toString().getBytes(StandardCharsets.UTF_8);
        if (letter.retryable()) {
            return json;
        }
        Map<String, RawJson> fields = new LinkedHashMap<>();
        RawJson.readMembers(json, fields::put);
        if (fields.containsKey(BARE)) {
            try {
                byte[] raw =
                        Base64.getDecoder().decode(text(fields, "raw_base64").orElse(""));
                // Anybody can have put an object that only looks like one of ours.
                return letter.id().equals(idOf(raw)) ? raw : json;
            } catch (IllegalArgumentException e) {
                return json;
            }
        }
        return json;
    }

    /** The task as it is to run again. */
    Task task(DeadLetter letter, Instant now) {
        try {
            Task task = codec.decode(raw(letter), now.toEpochMilli()).task();
            Map<String, RawJson> fields = new LinkedHashMap<>(task.extraFields());
            fields.keySet().removeAll(OF_DEATH);
            TaskOptions options = task.options();
            Instant expiresAt = options.expiresAt();
            return Parking.unparked(task.withExtraFields(fields))
                    .withOptions(new TaskOptions(
                            options.maxRetries(),
                            options.priority(),
                            options.idempotencyKey(),
                            options.timeout(),
                            null,
                            expiresAt == null || expiresAt.isBefore(now) ? null : expiresAt,
                            fresh(options.unique())));
        } catch (MalformedTaskException e) {
            throw new IllegalArgumentException("letter " + letter.id() + " is no task: " + e.getMessage(), e);
        }
    }

    /** It takes its key again, though it gave it up as it began. */
    private static @Nullable Unique fresh(@Nullable Unique unique) {
        return unique == null ? null : new Unique(unique.key(), unique.until(), unique.orElse(), unique.ttl(), false);
    }

    /** The id of what has none. */
    static String idOf(byte[] raw) {
        return "raw-" + Bytes.sha1(raw);
    }

    private static Optional<String> text(Map<String, RawJson> fields, String name) {
        return Optional.ofNullable(fields.get(name))
                .flatMap(RawJson::stringValue)
                .map(text -> text.length() > SHOWN_CHARS && !name.equals("raw_base64")
                        ? text.substring(0, SHOWN_CHARS)
                        : text);
    }

    private static Optional<Instant> time(Map<String, RawJson> fields) {
        RawJson value = fields.get("died_at");
        if (value == null || !value.toString().matches("\\d{1,15}")) {
            return Optional.empty();
        }
        return Optional.of(Instant.ofEpochMilli(Long.parseLong(value.toString())));
    }
}
