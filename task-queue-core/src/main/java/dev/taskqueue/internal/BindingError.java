package dev.taskqueue.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Says which part of a JSON value does not fit the type that it is bound to, and why, without showing the value. */
final class BindingError {

    /** How many steps of a path stand in a message. */
    private static final int MAX_STEPS = 10;

    private BindingError() {}

    static String describe(Throwable failure, JsonParser parser, Type type, String what, String of) {
        String where = what + path(parser.getParsingContext()) + of + " does not fit " + type.getTypeName();
        String why = why(failure, parser);
        return why.isEmpty() ? where : where + ": " + why;
    }

    /** What may be printed of the cause: what the user's own class threw, but no exception of Jackson, which quotes the value. */
    static @Nullable Throwable safeCause(Throwable failure) {
        return failure instanceof ValueInstantiationException ? failure.getCause() : null;
    }

    private static String why(Throwable failure, JsonParser parser) {
        if (failure instanceof ValueInstantiationException instantiation) {
            // Of the user's own class: what it says is for its user.
            Throwable cause = instantiation.getCause();
            return simpleName(instantiation.getType().getRawClass()) + " refuses it"
                    + (cause == null ? "" : " (" + cause.getClass().getSimpleName() + message(cause) + ")");
        }
        if (failure instanceof InvalidDefinitionException definition) {
            return "Jackson cannot make a " + simpleName(definition.getType().getRawClass())
                    + "; a module of Jackson, a constructor or an annotation is missing";
        }
        if (failure instanceof UnrecognizedPropertyException) {
            return "the type has no such property";
        }
        if (failure instanceof InvalidFormatException format) {
            return found(parser) + " that is no valid " + simpleName(format.getTargetType());
        }
        if (failure instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return found(parser) + " where " + article(simpleName(mismatch.getTargetType())) + " is expected";
        }
        return failure instanceof StackOverflowError ? "it nests too deep" : "";
    }

    private static String message(Throwable cause) {
        return cause.getMessage() == null ? "" : ": " + TaskLimits.shorten(cause.getMessage());
    }

    private static String article(String noun) {
        return ("aeiouAEIOU".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
    }

    private static String simpleName(@Nullable Class<?> type) {
        return type == null || type.getSimpleName().isEmpty() ? "value" : type.getSimpleName();
    }

    private static String found(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return "a value";
        }
        return switch (token) {
            case START_OBJECT, END_OBJECT, FIELD_NAME -> "an object";
            case START_ARRAY, END_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "a value";
        };
    }

    private static String path(JsonStreamContext where) {
        String path = "";
        int steps = 0;
        for (JsonStreamContext at = where; at != null && !at.inRoot(); at = at.getParent()) {
            String name = at.getCurrentName();
            String step = at.inArray()
                    ? "[" + Math.max(0, at.getCurrentIndex()) + "]"
                    : name == null ? "" : "." + TaskLimits.shorten(name);
            steps++;
            path = step + (steps <= MAX_STEPS ? path : "");
        }
        return steps <= MAX_STEPS ? path : path + "…";
    }
}
