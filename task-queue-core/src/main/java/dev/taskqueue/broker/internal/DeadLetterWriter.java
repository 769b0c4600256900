package dev.taskqueue.broker.internal;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Writes what lies in {@code dead}: a task with why and when it was given up, or an envelope around what was no task. */
final class DeadLetterWriter {

    private static final int PREVIEW_CHARS = 200;

    private final TaskCodec codec;

    DeadLetterWriter(TaskCodec codec) {
        this.codec = codec;
        // While there is memory: a class whose initializer fails for lack of it can never be used again in this JVM.
        ofTask(Task.of("warm-up", null), "", Optional.of(""), 0);
        ofMalformed(Bytes.EMPTY, "", 0);
    }

    byte[] ofTask(Task task, String reason, Optional<String> stack, long now) {
        Map<String, RawJson> fields = new LinkedHashMap<>(task.extraFields());
        fields.put("reason", RawJson.of(reason));
        fields.put("died_at", RawJson.of(now));
        stack.ifPresent(text -> fields.put("stack", RawJson.of(text)));
        return codec.write(task.withExtraFields(fields));
    }

    byte[] ofMalformed(byte[] raw, String error, long now) {
        ObjectNode envelope = JsonNodeFactory.instance.objectNode();
        envelope.put("reason", "malformed");
        envelope.put("last_error", error);
        envelope.put("died_at", now);
        envelope.put("size", raw.length);
        envelope.put("preview", preview(raw));
        envelope.put("raw_base64", Base64.getEncoder().encodeToString(raw));
        return envelope.toString().getBytes(StandardCharsets.UTF_8);
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
