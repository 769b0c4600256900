package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;

/** Prints an object for a program, as JSON, or for a person, one field a line. */
final class Fields {

    private Fields() {}

    static void print(PrintWriter out, ObjectNode fields, boolean json) {
        if (json) {
            out.println(fields);
        } else {
            int width = fields.properties().stream()
                    .mapToInt(field -> field.getKey().length())
                    .max()
                    .orElse(0);
            fields.properties()
                    .forEach(field -> out.printf(
                            "%-" + width + "s  %s%n",
                            field.getKey(),
                            field.getValue().isTextual() ? field.getValue().textValue() : field.getValue()));
        }
        out.flush();
    }
}
