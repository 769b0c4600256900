package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.HistoryMinute;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.config.Durations;
import dev.taskqueue.view.HistoryView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code client history}: what became of tasks of late. */
@Command(
        name = "history",
        description = {
            "Prints how many attempts ended in which way, by type; of QUEUE_NAME and of each queue of TASK_ROUTES, without --queue.",
            "Workers tell it with their heartbeats, some seconds late."
        },
        mixinStandardHelpOptions = true)
final class HistoryCommand implements Callable<Integer> {

    /** In the order of the columns. */
    private static final List<TaskState> SHOWN = List.of(
            TaskState.SUCCEEDED,
            TaskState.RETRYING,
            TaskState.DEAD,
            TaskState.DUPLICATE,
            TaskState.EXPIRED,
            TaskState.CANCELLED);

    private static final int MAX_TYPE_CHARS = 64;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "How far to look back, such as 30m or 2d, at most 48h; 1h without it.")
    private String since;

    @Option(
            names = "--json",
            description =
                    "Print a JSON array of objects, one for each minute and queue in which anything ended, the oldest first.")
    private boolean json;

    @Override
    public Integer call() {
        Duration back = Durations.parse(since)
                .filter(duration -> !duration.isZero() && duration.compareTo(Duration.ofHours(48)) <= 0)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "--since is " + TaskLimits.quote(since)
                                + "; it must be a duration such as 30m or 2h, at most 48h"));
        Map<String, List<HistoryMinute>> byQueue = new TreeMap<>();
        try (RedisBroker broker = connection.open()) {
            EachQueue.of(
                    connection, broker, queue -> byQueue.put(queue.queue(), queue.history(back)), () -> print(byQueue));
        }
        return 0;
    }

    private void print(Map<String, List<HistoryMinute>> byQueue) {
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            byQueue.forEach(
                    (queue, minutes) -> minutes.forEach(minute -> all.add(HistoryView.of(queue, minute, true))));
            connection.out().println(all);
            connection.out().flush();
            return;
        }
        Table table = new Table(
                Stream.concat(Stream.of("QUEUE", "TYPE"), SHOWN.stream().map(TaskState::name))
                        .toList());
        byQueue.forEach((queue, minutes) -> totals(minutes).forEach((type, counts) -> {
            List<String> row =
                    new ArrayList<>(List.of(Table.shorten(queue, MAX_TYPE_CHARS), Table.shorten(type, MAX_TYPE_CHARS)));
            SHOWN.forEach(state -> row.add(Long.toString(counts.getOrDefault(state, 0L))));
            table.add(row, List.of());
        }));
        table.print(connection.out());
    }

    private static Map<String, Map<TaskState, Long>> totals(List<HistoryMinute> minutes) {
        Map<String, Map<TaskState, Long>> totals = new TreeMap<>();
        for (HistoryMinute minute : minutes) {
            minute.counts().forEach((type, counts) -> {
                Map<TaskState, Long> ofType = totals.computeIfAbsent(type, key -> new EnumMap<>(TaskState.class));
                counts.forEach((state, count) -> ofType.merge(state, count, Long::sum));
            });
        }
        return totals;
    }
}
