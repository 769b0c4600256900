package dev.taskqueue.broker.internal;

import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.internal.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Writes what lies in {@code dead}: a task with why and when it was given up, or an envelope around what was no task. */
final class DeadLetterWriter {

    private static final int PREVIEW_CHARS = 200;

    private static final byte[] REASON = JsonWriter.name("reason");
    private static final byte[] LAST_ERROR = JsonWriter.name("last_error");
    private static final byte[] DIED_AT = JsonWriter.name("died_at");
    private static final byte[] SIZE = JsonWriter.name("size");
    private static final byte[] PREVIEW = JsonWriter.name("preview");
    private static final byte[] RAW_BASE64 = JsonWriter.name("raw_base64");

    private final TaskCodec codec;

    DeadLetterWriter(TaskCodec codec) {
        this.codec = codec;
        // While there is memory: a class whose initializer fails for lack of it can never be used again in this JVM.
        ofTask(Task.of("warm-up", null), "", Optional.of(""), 0);
        ofMalformed(Bytes.EMPTY, "", 0);
    }

    byte[] ofTask(Task task, String reason, Optional<String> stack, long now) {
        Map<String, RawJson> fields = new LinkedHashMap<>(task.extraFields());
        fields.put("reason", WireValues.of(reason));
        fields.put("died_at", WireValues.of(now));
        stack.ifPresent(text -> fields.put("stack", WireValues.of(text)));
        return codec.write(task.withExtraFields(fields));
    }

    byte[] ofMalformed(byte[] raw, String error, long now) {
        String base64 = Base64.getEncoder().encodeToString(raw);
        return new JsonWriter(256 + base64.length())
                .field(REASON, "malformed")
                .field(LAST_ERROR, error)
                .field(DIED_AT, now)
                .field(SIZE, raw.length)
                .field(PREVIEW, preview(raw))
                .field(RAW_BASE64, base64)
                .toBytes();
    }

    /** The beginning as text, for eyes alone: what is no printable text becomes a dot. */
    static String preview(byte[] raw) {
        int length = Math.min(raw.length, PREVIEW_CHARS);
        String text = new String(raw, 0, length, StandardCharsets.UTF_8);
        StringBuilder shown = new StringBuilder(length);
        text.chars().forEach(c -> shown.append(Character.isISOControl(c) || c == '\uFFFD' ? '.' : (char) c));
        return shown.toString();
    }
}
