package dev.taskqueue.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/** Prints an object for a program, as JSON, or for a person, one field a line. */
final class Fields {

    private Fields() {}

    static void print(PrintWriter out, ObjectNode fields, boolean json) {
        if (json) {
            out.println(toJson(fields));
        } else {
            int width = 0;
            for (Map.Entry<String, JsonNode> field : fields.properties()) {
                width = Math.max(width, field.getKey().length());
            }
            for (Map.Entry<String, JsonNode> field : fields.properties()) {
                String name = field.getKey();
                JsonNode value = field.getValue();
                out.print(name);
                out.print(" ".repeat(width - name.length() + 2));
                out.println(value.isTextual() ? value.textValue() : toJson(value));
            }
        }
        out.flush();
    }

    /**
     * Gives what {@code toString} does, which makes a mapper for it: three hundred classes more, for a program that is to
     * answer at once.
     */
    static String toJson(JsonNode node) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
            write(node, generator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonNode node, JsonGenerator generator) throws IOException {
        if (node.isObject()) {
            generator.writeStartObject();
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                generator.writeFieldName(field.getKey());
                write(field.getValue(), generator);
            }
            generator.writeEndObject();
        } else if (node.isArray()) {
            generator.writeStartArray();
            for (JsonNode element : node) {
                write(element, generator);
            }
            generator.writeEndArray();
        } else if (node.isNull()) {
            generator.writeNull();
        } else {
            // A text, a number, a boolean, or JSON as it is: none asks the provider for anything.
            node.serialize(generator, null);
        }
    }
}
