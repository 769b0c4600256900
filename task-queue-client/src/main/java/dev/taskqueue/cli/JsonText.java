package dev.taskqueue.cli;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** JSON as people give it on a command line: it goes into the queue as it is. */
final class JsonText {

    private JsonText() {}

    /**
     * Reads what a command is given as a payload: JSON, {@code -} for standard input, {@code @FILE}, or nothing, JSON's null.
     *
     * @param argument the argument, or null
     * @param spec the command, for the message
     * @throws InvalidTaskException if it is not JSON
     */
    static RawJson payload(String argument, CommandSpec spec) throws IOException {
        if (argument == null) {
            return RawJson.NULL;
        }
        if (argument.equals("-")) {
            return parse(System.in.readAllBytes(), "payload");
        }
        if (!argument.startsWith("@")) {
            return parse(argument.getBytes(StandardCharsets.UTF_8), "payload");
        }
        Path file = Path.of(argument.substring(1));
        try {
            return parse(Files.readAllBytes(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new ParameterException(spec.commandLine(), "no file " + file + " for the payload", e);
        }
    }

    /**
     * @param utf8 the text
     * @param where what it is, for the message
     * @throws InvalidTaskException if it is not JSON
     */
    static RawJson parse(byte[] utf8, String where) {
        try {
            return RawJson.parse(utf8);
        } catch (InvalidTaskException e) {
            throw new InvalidTaskException(where + " is " + e.getMessage(), e);
        }
    }
}
