package dev.taskqueue.dashboard;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.taskqueue.RawJson;
import dev.taskqueue.internal.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Takes values out of payloads before anybody sees them. All else stays as it was written, to the last digit, but for blanks
 * and escapes. A field that is there twice is taken out twice.
 */
final class Redaction {

    static final String INSTEAD = "[redacted]";

    /** Where a letter keeps the bytes of what is no task. */
    private static final List<List<String>> BYTES =
            List.of(List.of("raw_base64"), List.of("raw_latin1"), List.of("preview"));

    private final List<List<String>> pointers = new ArrayList<>();

    /**
     * @param pointers JSON pointers (RFC 6901) into payloads; a step {@code *} stands for any
     * @throws IllegalArgumentException if one is none
     */
    Redaction(List<String> pointers) {
        for (String pointer : pointers) {
            if (!pointer.matches("(/([^~/]|~[01])*)+") || pointer.equals("/")) {
                throw new IllegalArgumentException(
                        "\"" + pointer + "\" is no JSON pointer such as /card or /user/password");
            }
            List<String> steps = new ArrayList<>();
            for (String step : pointer.substring(1).split("/", -1)) {
                steps.add(step.replace("~1", "/").replace("~0", "~"));
            }
            this.pointers.add(steps);
        }
    }

    boolean isEmpty() {
        return pointers.isEmpty();
    }

    RawJson payload(RawJson payload) {
        return rewrite(payload, pointers, List.of());
    }

    /**
     * @param letter a dead letter
     * @param isTask whether it is one; of what is no task the bytes, which may hold anything, are taken out whole
     */
    RawJson letter(RawJson letter, boolean isTask) {
        List<List<String>> inside = new ArrayList<>();
        for (List<String> steps : pointers) {
            List<String> deeper = new ArrayList<>(List.of("payload"));
            deeper.addAll(steps);
            inside.add(deeper);
        }
        return rewrite(letter, inside, isTask ? List.of() : BYTES);
    }

    private RawJson rewrite(RawJson json, List<List<String>> out, List<List<String>> more) {
        if (pointers.isEmpty()) {
            return json;
        }
        List<List<String>> all = new ArrayList<>(out);
        all.addAll(more);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(json.size());
        try (JsonParser parser = Json.mapper().createParser(json.toString());
                JsonGenerator generator = Json.mapper().createGenerator(bytes)) {
            parser.nextToken();
            copy(parser, generator, all, new ArrayDeque<>());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return RawJson.parse(bytes.toByteArray());
    }

    private static void copy(JsonParser parser, JsonGenerator generator, List<List<String>> out, Deque<String> path)
            throws IOException {
        if (isOut(path, out)) {
            parser.skipChildren();
            generator.writeString(INSTEAD);
            return;
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            generator.writeStartObject();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                generator.writeFieldName(parser.currentName());
                path.addLast(parser.currentName());
                parser.nextToken();
                copy(parser, generator, out, path);
                path.removeLast();
            }
            generator.writeEndObject();
        } else if (token == JsonToken.START_ARRAY) {
            generator.writeStartArray();
            for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                path.addLast(Integer.toString(i));
                copy(parser, generator, out, path);
                path.removeLast();
            }
            generator.writeEndArray();
        } else if (token.isNumeric()) {
            generator.writeNumber(parser.getText());
        } else {
            generator.copyCurrentEvent(parser);
        }
    }

    private static boolean isOut(Deque<String> path, List<List<String>> out) {
        for (List<String> steps : out) {
            if (steps.size() == path.size()) {
                Iterator<String> at = path.iterator();
                boolean fits = true;
                for (String step : steps) {
                    String name = at.next();
                    fits &= step.equals(name) || step.equals("*");
                }
                if (fits) {
                    return true;
                }
            }
        }
        return false;
    }
}
