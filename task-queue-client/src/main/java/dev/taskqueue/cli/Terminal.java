package dev.taskqueue.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Help.Ansi;

/**
 * A terminal that a command has to itself, on its alternate screen: what was there before is back when it is left, which
 * happens at the end of the JVM too. Not thread-safe.
 */
final class Terminal implements AutoCloseable {

    private static final String ENTER = "\u001b[?1049h\u001b[?25l";
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private static final int DEFAULT_COLUMNS = 80;
    private static final int DEFAULT_LINES = 24;

    private final PrintWriter out;
    private final Thread leave;
    private boolean left;

    Terminal(PrintWriter out) {
        this.out = out;
        leave = new Thread(this::leave, "task-queue-terminal");
        Runtime.getRuntime().addShutdownHook(leave);
        out.print(ENTER);
        out.flush();
    }

    /** Whether both input and output are one. */
    static boolean isThere() {
        if (System.console() == null) {
            return false;
        }
        try {
            // From Java 22 on there is a console without a terminal too.
            Method isTerminal = Console.class.getMethod("isTerminal");
            return (boolean) isTerminal.invoke(System.console());
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** Whether colours may be printed: not without a terminal, nor with NO_COLOR. */
    static boolean hasColours() {
        return isThere() && Ansi.AUTO.enabled();
    }

    record Size(int columns, int lines) {}

    /** As it is just now; what the environment says, or 80 by 24, where it does not tell. */
    static Size size() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (stty.waitFor(1, TimeUnit.SECONDS)) {
                String[] words = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                        .strip()
                        .split(" ");
                int lines = Integer.parseInt(words[0]);
                int columns = Integer.parseInt(words[1]);
                if (lines > 0 && columns > 0) {
                    return new Size(columns, lines);
                }
            } else {
                stty.destroyForcibly();
            }
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            // Not there, or no terminal.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new Size(variable("COLUMNS", DEFAULT_COLUMNS), variable("LINES", DEFAULT_LINES));
    }

    private static int variable(String name, int fallback) {
        String value = System.getenv(name);
        return value != null && value.matches("[1-9]\\d{0,3}") ? Integer.parseInt(value) : fallback;
    }

    /** Draws lines in the place of those before: without clearing all, so that nothing flickers. */
    synchronized void draw(List<String> lines) {
        if (left) {
            return;
        }
        StringBuilder screen = new StringBuilder(HOME);
        for (int i = 0; i < lines.size(); i++) {
            screen.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append(CLEAR_LINE);
        }
        out.print(screen.append(CLEAR_BELOW));
        out.flush();
    }

    private synchronized void leave() {
        if (!left) {
            left = true;
            out.print(LEAVE);
            out.flush();
        }
    }

    @Override
    public void close() {
        leave();
        try {
            Runtime.getRuntime().removeShutdownHook(leave);
        } catch (IllegalStateException e) {
            // It runs.
        }
    }
}
