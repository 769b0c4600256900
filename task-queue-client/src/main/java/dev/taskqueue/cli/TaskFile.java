package dev.taskqueue.cli;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Tasks in a file, one JSON object a line: read twice, so that nothing is sent of a file with a bad line. */
final class TaskFile {

    private static final int BATCH = 500;

    private final Path file;
    private final Connection connection;

    TaskFile(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    int enqueue(RedisBroker broker) throws IOException {
        if (!file.toString().equals("-")) {
            return enqueue(broker, file);
        }
        Path copy = Files.createTempFile("task-queue", ".ndjson");
        try {
            Files.copy(System.in, copy, StandardCopyOption.REPLACE_EXISTING);
            return enqueue(broker, copy);
        } finally {
            Files.delete(copy);
        }
    }

    private int enqueue(RedisBroker broker, Path source) throws IOException {
        try {
            long total = check(broker, source);
            send(broker, source, total);
            connection.out().println(total + " tasks enqueued");
            connection.out().flush();
            return 0;
        } catch (NoSuchFileException e) {
            throw new InvalidTaskException("--from: there is no file " + file, e);
        } catch (MalformedInputException e) {
            throw new InvalidTaskException("--from: " + file + " is not UTF-8 text; nothing was enqueued", e);
        }
    }

    private static long check(RedisBroker broker, Path source) throws IOException {
        long total = 0;
        try (Lines lines = new Lines(broker, source)) {
            while (lines.next() != null) {
                total++;
            }
        }
        return total;
    }

    private void send(RedisBroker broker, Path source, long total) throws IOException {
        long sent = 0;
        List<Task> batch = new ArrayList<>(BATCH);
        try (Lines lines = new Lines(broker, source);
                Progress progress = new Progress(connection.err(), total)) {
            for (Task task = lines.next(); task != null || !batch.isEmpty(); task = lines.next()) {
                if (task != null) {
                    batch.add(task);
                }
                if (task == null || batch.size() == BATCH) {
                    broker.enqueueAll(batch);
                    sent += batch.size();
                    progress.advance(batch.size());
                    batch.clear();
                }
            }
        } catch (BrokerUnavailableException | BrokerRejectedException | OutcomeUnknownException e) {
            long accepted = sent + (e instanceof OutcomeUnknownException partly ? partly.accepted() : 0);
            connection
                    .err()
                    .println("client: the first " + accepted + " of " + total
                            + " tasks are enqueued; go on with the task after them once Redis is back");
            throw e;
        }
    }

    /** The tasks of a file, in their order; blank lines are passed over. */
    private static final class Lines implements AutoCloseable {

        private final RedisBroker broker;
        private final BufferedReader reader;
        private long number;

        Lines(RedisBroker broker, Path source) throws IOException {
            this.broker = broker;
            reader = Files.newBufferedReader(source);
        }

        Task next() throws IOException {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank()) {
                    try {
                        return broker.parse(line);
                    } catch (InvalidTaskException e) {
                        throw new InvalidTaskException(
                                "--from: line " + number + ": " + e.getMessage() + "; nothing was enqueued", e);
                    }
                }
            }
            return null;
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
