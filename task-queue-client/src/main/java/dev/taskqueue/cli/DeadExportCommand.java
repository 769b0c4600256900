package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.broker.RedisBroker;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client dead export}: dead letters as they lie in Redis, one a line. */
@Command(
        name = "export",
        description =
                "Writes dead letters to a new file as they are, one JSON object a line, newest first. They stay in Redis.",
        mixinStandardHelpOptions = true)
final class DeadExportCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Mixin
    private DeadFilterOptions filter;

    @Parameters(paramLabel = "FILE", description = "The file, which must not be there yet; - for standard output.")
    private String file;

    @Option(names = "--json", description = "Print one JSON object of how many and where; not with standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (json && file.equals("-")) {
            throw new InvalidTaskException("--json does not go with -: the letters are JSON themselves, one a line");
        }
        try (RedisBroker broker = connection.open()) {
            if (file.equals("-")) {
                PrintWriter out = connection.out();
                write(broker, out);
                out.flush();
                return 0;
            }
            try (Writer out = Files.newBufferedWriter(
                    Path.of(file), StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                long written = write(broker, out);
                connection
                        .out()
                        .println(
                                json
                                        ? JsonNodeFactory.instance
                                                .objectNode()
                                                .put("written", written)
                                                .put("file", file)
                                                .toString()
                                        : written + " letters written to " + file);
                connection.out().flush();
            } catch (java.nio.file.FileAlreadyExistsException e) {
                throw new IOException(file + " is there already", e);
            }
        }
        return 0;
    }

    private long write(RedisBroker broker, Writer out) throws IOException {
        return filter.forEachPage(broker.deadLetters(), Long.MAX_VALUE, letters -> {
            for (DeadLetter letter : letters) {
                // A letter may have line breaks of its own between its fields; within texts JSON has none.
                out.write(letter.json().toString().replace('\n', ' ').replace('\r', ' '));
                out.write('\n');
            }
        });
    }
}
