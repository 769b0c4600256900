package dev.taskqueue.cli;

import dev.taskqueue.WorkerInfo;
import dev.taskqueue.internal.config.Variables;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What {@code client top} shows, as lines of text. */
final class TopScreen {

    private static final Set<Integer> NUMBERS = Set.of(1, 2, 3, 4, 5, 6, 7, 8);
    private static final String BOLD = "\u001b[1m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";
    private static final int MOST_QUEUES = 200;

    private final boolean colours;

    /** One look at everything. */
    record Frame(Instant at, List<QueueSample> queues, List<TopRates.Rates> rates) {}

    private record Running(String queue, String worker, WorkerInfo.Running task) {}

    TopScreen(boolean colours) {
        this.colours = colours;
    }

    /**
     * @param frame the latest look
     * @param away since when Redis has not answered, and why
     */
    List<String> lines(Frame frame, Optional<String> away, int columns, int most) {
        List<String> lines = new ArrayList<>();
        lines.add(colour(BOLD, cut(title(frame), columns)));
        away.ifPresent(text -> lines.add(colour(RED, cut(Variables.printable(text), columns))));
        lines.add("");
        addTable(lines, queues(frame), columns);
        lines.add("");
        addTable(lines, running(frame), columns);
        if (lines.size() <= most) {
            return lines;
        }
        List<String> first = new ArrayList<>(lines.subList(0, most - 1));
        first.add(cut("… " + (lines.size() - most + 1) + " lines more", columns));
        return first;
    }

    private static String title(Frame frame) {
        long running = frame.queues().stream().mapToLong(QueueSample::busy).sum();
        long workers = frame.queues().stream()
                .flatMap(queue -> queue.workers().stream())
                .map(WorkerInfo::name)
                .distinct()
                .count();
        return String.format(
                Locale.ROOT,
                "task-queue  %s  queues %d  workers %d  running %d",
                frame.at().toString().substring(0, 19) + "Z",
                frame.queues().size(),
                workers,
                running);
    }

    private void addTable(List<String> lines, Table table, int columns) {
        List<String> rows = table.lines();
        for (int i = 0; i < rows.size(); i++) {
            String line = cut(rows.get(i), columns);
            lines.add(i == 0 ? colour(BOLD, line) : line);
        }
    }

    private static Table queues(Frame frame) {
        Table table = new Table(
                List.of(
                        "QUEUE",
                        "READY",
                        "OLDEST",
                        "RUNNING",
                        "SCHEDULED",
                        "IN/S",
                        "OUT/S",
                        "DEAD",
                        "NEW DEAD",
                        "PAUSED"),
                NUMBERS);
        for (int i = 0; i < Math.min(frame.queues().size(), MOST_QUEUES); i++) {
            QueueSample queue = frame.queues().get(i);
            TopRates.Rates rates = frame.rates().get(i);
            table.add(
                    List.of(
                            queue.stats().queue(),
                            Long.toString(queue.stats().ready()),
                            QueuesCommand.since(queue.stats().oldestReady(), frame.at()),
                            queue.busy() + "/" + queue.threads(),
                            Long.toString(queue.stats().scheduled()),
                            rate(rates.in()),
                            rate(rates.out()),
                            Long.toString(queue.stats().dead()),
                            (rates.newDead() > 0 ? "+" : "") + rates.newDead(),
                            queue.stats().pause().map(QueuesCommand::paused).orElse("")),
                    List.of());
        }
        return table;
    }

    private static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 10 ? "%.1f" : "%.0f", perSecond);
    }

    private static Table running(Frame frame) {
        Table table = new Table(List.of("FOR", "TYPE", "ID", "QUEUE", "WORKER", ""), Set.of(0));
        List<Running> all = new ArrayList<>();
        frame.queues()
                .forEach(queue -> queue.workers()
                        .forEach(worker -> worker.details()
                                .ifPresent(details -> details.running()
                                        .forEach(task -> all.add(
                                                new Running(queue.stats().queue(), worker.name(), task))))));
        all.sort(Comparator.comparing(running -> running.task().since()));
        for (Running running : all) {
            table.add(
                    List.of(
                            Table.age(Duration.between(running.task().since(), frame.at())),
                            Table.shorten(running.task().type(), 60),
                            Table.shorten(running.task().id(), 60),
                            running.queue(),
                            Table.shorten(running.worker(), 60),
                            running.task().abandoned() ? "abandoned" : ""),
                    List.of());
        }
        return table;
    }

    private static String cut(String line, int columns) {
        return line.length() <= columns ? line : line.substring(0, Math.max(0, columns - 1)) + "…";
    }

    private String colour(String code, String text) {
        return colours ? code + text + PLAIN : text;
    }
}
