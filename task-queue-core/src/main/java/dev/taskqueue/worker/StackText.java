package dev.taskqueue.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The stack of a failure for a dead letter: short enough to be kept, long enough to find the line. */
final class StackText {

    private static final int FRAMES = 10;
    private static final int CAUSES = 5;
    private static final int MAX_CHARS = 4_000;
    private static final int MAX_LINE_CHARS = 500;

    private StackText() {}

    /** Class and message, ten frames, and the causes without theirs; empty where the throwable does not let itself be read. */
    static Optional<String> of(Throwable failure) {
        try {
            List<String> lines = new ArrayList<>();
            lines.add(line(failure));
            StackTraceElement[] stack = failure.getStackTrace();
            for (int i = 0; i < Math.min(FRAMES, stack.length); i++) {
                lines.add("    at " + stack[i]);
            }
            if (stack.length > FRAMES) {
                lines.add("    … " + (stack.length - FRAMES) + " more");
            }
            Throwable cause = failure.getCause();
            for (int i = 0; i < CAUSES && cause != null && cause != failure; i++) {
                StackTraceElement[] causeStack = cause.getStackTrace();
                lines.add("Caused by: " + line(cause) + (causeStack.length == 0 ? "" : " at " + causeStack[0]));
                cause = cause.getCause();
            }
            return Optional.of(OutcomeClassifier.cut(String.join("\n", lines), MAX_CHARS));
        } catch (Throwable t) {
            return Optional.empty();
        }
    }

    private static String line(Throwable failure) {
        String message = failure.getMessage();
        return OutcomeClassifier.cut(
                failure.getClass().getName() + (message == null ? "" : ": " + message), MAX_LINE_CHARS);
    }
}
