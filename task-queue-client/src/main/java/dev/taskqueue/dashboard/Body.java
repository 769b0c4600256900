package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.internal.TaskLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A JSON object that a request brings along, checked; none is an empty one. */
final class Body {

    private final JsonNode fields;
    private final String prefix;

    private Body(JsonNode fields, String prefix, Set<String> allowed) {
        this.fields = fields;
        this.prefix = prefix;
        if (!fields.isObject()) {
            throw Problem.invalid(
                    prefix.isEmpty() ? null : prefix.substring(0, prefix.length() - 1), "it must be a JSON object");
        }
        fields.fieldNames().forEachRemaining(name -> {
            if (!allowed.contains(name)) {
                throw Problem.invalid(
                        prefix + TaskLimits.shorten(name), "there is no field " + TaskLimits.quote(name) + " here");
            }
        });
    }

    /**
     * @param allowed the names that it may have
     * @throws Problem if it is no JSON object, or has another
     */
    static Body of(JsonNode json, Set<String> allowed) {
        return new Body(json, "", allowed);
    }

    boolean has(String name) {
        return fields.hasNonNull(name);
    }

    Optional<String> text(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        if (!fields.get(name).isTextual()) {
            throw Problem.invalid(prefix + name, prefix + name + " must be a string");
        }
        return Optional.of(fields.get(name).textValue());
    }

    boolean flag(String name) {
        if (has(name) && !fields.get(name).isBoolean()) {
            throw Problem.invalid(prefix + name, prefix + name + " must be true or false");
        }
        return has(name) && fields.get(name).booleanValue();
    }

    int number(String name, int fallback, int min, int max) {
        if (!has(name)) {
            return fallback;
        }
        JsonNode value = fields.get(name);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
            throw Problem.invalid(prefix + name, prefix + name + " must be a whole number from " + min + " to " + max);
        }
        return value.intValue();
    }

    List<String> texts(String name, int max) {
        List<String> texts = new ArrayList<>();
        if (!has(name)) {
            return texts;
        }
        JsonNode value = fields.get(name);
        if (!value.isArray() || value.size() > max) {
            throw Problem.invalid(prefix + name, prefix + name + " must be an array of at most " + max + " strings");
        }
        for (JsonNode one : value) {
            if (!one.isTextual()) {
                throw Problem.invalid(prefix + name, prefix + name + " must be an array of strings");
            }
            texts.add(one.textValue());
        }
        return texts;
    }

    Optional<Body> object(String name, Set<String> allowed) {
        return has(name) ? Optional.of(new Body(fields.get(name), prefix + name + ".", allowed)) : Optional.empty();
    }
}
