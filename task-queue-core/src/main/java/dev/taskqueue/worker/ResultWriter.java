package dev.taskqueue.worker;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.RawJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Writes what a handler returned as JSON. Whatever that is, and whatever it throws while it is written, the work is done:
 * the worst that comes of it is a note why the result is not kept.
 */
final class ResultWriter {

    /** What came of a result: its JSON, or why there is none. */
    record Written(Optional<RawJson> json, Optional<String> error) {

        static final Written NOTHING = new Written(Optional.empty(), Optional.empty());
    }

    /** A longer result becomes an object that tells its size and holds its beginning. */
    private static final int MAX_BYTES = 4 << 10;

    private static final int START_CHARS = MAX_BYTES / 4;

    /** Until here the size of a longer one is counted; then it is given up, so that one without an end has an end. */
    private static final int MAX_COUNTED_BYTES = 1 << 20;

    private final Supplier<ObjectMapper> mapper;

    /**
     * @param mapper asked for the mapper when the first result is written
     */
    ResultWriter(Supplier<ObjectMapper> mapper) {
        this.mapper = mapper;
    }

    Written write(Object result) {
        try {
            return new Written(Optional.of(toJson(result)), Optional.empty());
        } catch (Throwable e) {
            return new Written(Optional.empty(), Optional.of(OutcomeClassifier.describe(e)));
        }
    }

    private RawJson toJson(Object result) throws IOException {
        ObjectWriter writer = mapper.get().writer();
        Beginning json;
        try {
            json = write(writer, result);
        } catch (IOException e) {
            // Half a surrogate pair is legal JSON as an escape, and UTF-8 has no bytes for it.
            json = write(writer.with(JsonWriteFeature.ESCAPE_NON_ASCII), result);
        }
        if (json.total <= MAX_BYTES) {
            // Checked: a raw value that the result holds may be no JSON.
            return RawJson.parse(json.bytes());
        }
        ObjectNode cut = JsonNodeFactory.instance.objectNode().put("truncated", true);
        cut.put(json.isCounted() ? "bytes" : "more_than_bytes", Math.min(json.total, MAX_COUNTED_BYTES));
        return RawJson.of(cut.put("start", json.start()));
    }

    private static Beginning write(ObjectWriter writer, Object result) throws IOException {
        Beginning json = new Beginning();
        try {
            writer.writeValue(json, result);
        } catch (IOException e) {
            if (json.isCounted()) {
                throw e;
            }
        }
        return json;
    }

    /** Keeps the first bytes, counts the others, and refuses more once there are too many to be counted. */
    private static final class Beginning extends OutputStream {

        private byte[] kept = new byte[256];
        private long total;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int used = (int) Math.min(total, MAX_BYTES);
            int more = Math.min(length, MAX_BYTES - used);
            if (used + more > kept.length) {
                kept = Arrays.copyOf(kept, Math.min(MAX_BYTES, Math.max(used + more, 4 * kept.length)));
            }
            System.arraycopy(bytes, offset, kept, used, more);
            total += length;
            if (!isCounted()) {
                throw new IOException("the result is longer than " + MAX_COUNTED_BYTES + " bytes");
            }
        }

        boolean isCounted() {
            return total <= MAX_COUNTED_BYTES;
        }

        byte[] bytes() {
            return Arrays.copyOf(kept, (int) total);
        }

        /** Some first characters: of those that the kept bytes hold whole, as each has four bytes at most. */
        String start() {
            return OutcomeClassifier.cut(new String(kept, StandardCharsets.UTF_8), START_CHARS);
        }
    }
}
