package dev.taskqueue.cli;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
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
import java.util.Set;

/**
 * Tasks in a file, one JSON object a line: read twice, so that nothing is sent of a file with a bad line. If Redis fails half
 * way, the message tells from which line to go on.
 */
final class TaskFile {

    /** As many as Redis takes or refuses at a stroke: what one queue took is always the first of its lines, without gaps. */
    private static final int BATCH = 100;

    private final Path file;
    private final long skip;
    private final Connection connection;
    private final boolean json;
    private final Tally tally = new Tally();

    /**
     * @param skip how many lines to pass over
     * @param json whether to tell as JSON what became of them
     */
    TaskFile(Path file, long skip, Connection connection, boolean json) {
        this.file = file;
        this.skip = skip;
        this.connection = connection;
        this.json = json;
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
            connection.out().println(json ? tally.toJson() : tally.toText());
            connection.out().flush();
            return 0;
        } catch (NoSuchFileException e) {
            throw new InvalidTaskException("--from: there is no file " + file, e);
        } catch (MalformedInputException e) {
            throw new InvalidTaskException("--from: " + file + " is not UTF-8 text; nothing was enqueued", e);
        }
    }

    private long check(RedisBroker broker, Path source) throws IOException {
        long total = 0;
        try (Lines lines = new Lines(broker, source, skip)) {
            while (lines.next() != null) {
                total++;
            }
            if (lines.number < skip) {
                throw new InvalidTaskException(
                        "--skip is " + skip + "; " + file + " has " + lines.number + " lines; nothing was enqueued");
            }
        }
        return total;
    }

    private void send(RedisBroker broker, Path source, long total) throws IOException {
        List<Line> batch = new ArrayList<>(BATCH);
        long done = skip;
        try (Lines lines = new Lines(broker, source, skip);
                Progress progress = new Progress(connection.err(), total)) {
            for (Line line = lines.next(); line != null || !batch.isEmpty(); line = lines.next()) {
                if (line != null) {
                    batch.add(line);
                }
                if (line == null || batch.size() == BATCH) {
                    send(broker, batch, done);
                    done = batch.get(batch.size() - 1).number();
                    progress.advance(batch.size());
                    batch.clear();
                }
            }
        }
    }

    /**
     * @param done the lines before these, all of them enqueued or passed over
     */
    private void send(RedisBroker broker, List<Line> batch, long done) {
        try {
            tally.add(broker.enqueueAll(batch.stream().map(Line::task).toList()));
        } catch (OutcomeUnknownException e) {
            long certain =
                    e.accepted() == 0 ? done : batch.get(e.accepted() - 1).number();
            List<Line> behind = batch.subList(e.accepted(), batch.size());
            if (e.acceptedIds().size() > e.accepted() || !inDoubtFirst(behind, e.taskIds())) {
                throw stopped(certain, scattered(behind, certain, e), e);
            }
            if (e.taskIds().isEmpty()) {
                throw stopped(certain, "", e);
            }
            Line last = batch.get(e.accepted() + e.taskIds().size() - 1);
            String inDoubt = "lines " + (certain + 1) + " to " + last.number()
                    + " may have been enqueued: --skip " + certain + " sends them in any case, --skip "
                    + last.number() + " leaves them out";
            throw stopped(certain, inDoubt, e);
        } catch (BrokerUnavailableException | BrokerRejectedException e) {
            if (done == skip) {
                // Nothing was enqueued: what remains to be said is why.
                throw e;
            }
            throw stopped(done, "", e);
        }
    }

    private static boolean inDoubtFirst(List<Line> behind, List<String> inDoubt) {
        return behind.stream()
                .limit(inDoubt.size())
                .map(line -> line.task().id())
                .toList()
                .equals(inDoubt);
    }

    /** Where the lines of one queue got through and those of another did not. */
    private static String scattered(List<Line> behind, long certain, OutcomeUnknownException e) {
        String accepted = lines(behind, Set.copyOf(e.acceptedIds()));
        String inDoubt = lines(behind, Set.copyOf(e.taskIds()));
        return "of the lines after " + certain + ", "
                + (accepted.isEmpty() ? "" : accepted + " are enqueued too")
                + (accepted.isEmpty() || inDoubt.isEmpty() ? "" : ", and ")
                + (inDoubt.isEmpty() ? "" : inDoubt + " may have been")
                + ": take them out of the file, and go on with --skip " + certain;
    }

    /** The numbers of the lines with those ids, neighbours together: {@code 3, 5 to 7}. */
    private static String lines(List<Line> lines, Set<String> ids) {
        List<String> ranges = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            int first = i;
            while (i < lines.size() && ids.contains(lines.get(i).task().id())) {
                i++;
            }
            if (i > first) {
                long from = lines.get(first).number();
                long to = lines.get(i - 1).number();
                ranges.add(from == to ? Long.toString(from) : from + " to " + to);
            }
        }
        return String.join(", ", ranges);
    }

    private TaskQueueException stopped(long certain, String inDoubt, TaskQueueException cause) {
        String done = certain == skip ? "" : "all up to line " + certain + " are enqueued; ";
        String how = inDoubt.isEmpty() ? "go on with --skip " + certain : inDoubt;
        return new TaskQueueException("--from " + file + " stopped: " + done + how + ". " + reason(cause), cause);
    }

    /** Without what it says of tasks: that counts them within one batch, and lists their ids. */
    private static String reason(TaskQueueException failure) {
        Throwable said = failure;
        while (said instanceof OutcomeUnknownException && said.getCause() != null) {
            said = said.getCause();
        }
        return said.getMessage()
                .replaceFirst("; the first \\d+ tasks were accepted.*|: the primary accepted \\[.*?\\]", "");
    }

    private record Line(long number, Task task) {}

    /** The tasks of a file, in their order; blank lines are passed over. */
    private static final class Lines implements AutoCloseable {

        private final RedisBroker broker;
        private final BufferedReader reader;
        private final long skip;
        private long number;

        Lines(RedisBroker broker, Path source, long skip) throws IOException {
            this.broker = broker;
            this.skip = skip;
            reader = Files.newBufferedReader(source);
        }

        Line next() throws IOException {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (number > skip && !line.isBlank()) {
                    try {
                        return new Line(number, broker.parse(line));
                    } catch (InvalidTaskException e) {
                        throw new InvalidTaskException(
                                "--from: line " + number + ": " + problem(line.strip(), e) + "; nothing was enqueued",
                                e);
                    }
                }
            }
            return null;
        }

        private static String problem(String line, InvalidTaskException e) {
            boolean begins = line.startsWith("{") || line.startsWith("[");
            boolean ends = line.endsWith("}") || line.endsWith("]");
            if (line.startsWith("[") && (line.length() == 1 || ends)) {
                return "it begins an array; a file holds one object a line, as jq -c '.[]' writes them";
            }
            return begins && !ends
                    ? "it is only the beginning of an object; a file holds one object a line, as jq -c . writes it"
                    : e.getMessage();
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
