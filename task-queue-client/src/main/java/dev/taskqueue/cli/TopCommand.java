package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.config.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code client top}: queues and what runs, live. */
@Command(
        name = "top",
        description = {
            "Shows all queues, how fast tasks come and end, and what runs for how long, again and again until Ctrl-C. What ends "
                    + "is counted by heartbeats: rates are of about a minute, and lag by a few seconds.",
            "Without a terminal it prints block after block."
        },
        mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {

    /** The minute before this one, and this one. */
    private static final Duration HISTORY = Duration.ofMinutes(2);

    /** Seldom, as a scan of all keys finds them. */
    private static final int FRAMES_PER_SEARCH = 60;

    private static final int BLOCK_COLUMNS = 200;
    private static final int BLOCK_LINES = 1_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Option(
            names = "--interval",
            paramLabel = "DURATION",
            description = "How often it is drawn, 100ms to 1h (default: ${DEFAULT-VALUE}).")
    private String interval = "1s";

    @Option(names = "--count", paramLabel = "N", description = "Draw so often, then end; for scripts.")
    private Integer count;

    @Option(names = "--json", description = "Print one JSON object of what is now, and end.")
    private boolean json;

    private final TopRates rates = new TopRates();
    private List<String> names = List.of();
    private int frames;
    private TopScreen.Frame last;
    private Instant awaySince;

    @Override
    public Integer call() throws InterruptedException {
        Duration pause = interval();
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count is " + count + "; it must be 1 or more");
        }
        try (RedisBroker broker = connection.open()) {
            // The first one fails as any command does.
            last = look(broker);
            if (json) {
                connection.out().println(json(last));
                connection.out().flush();
                return 0;
            }
            if (!Terminal.isThere()) {
                return loop(broker, pause, this::printBlock);
            }
            try (Terminal terminal = new Terminal(connection.out())) {
                return loop(broker, pause, away -> draw(terminal, away));
            }
        }
    }

    private Duration interval() {
        return Durations.parse(interval)
                .filter(duration -> duration.toMillis() >= 100 && duration.toHours() < 2 && duration.toMinutes() <= 60)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "--interval is " + TaskLimits.quote(interval)
                                + "; it must be a duration such as 500ms, 1s or 1m, 100ms to 1h"));
    }

    private interface Show {

        void frame(Optional<String> away);
    }

    private int loop(RedisBroker broker, Duration pause, Show show) throws InterruptedException {
        Optional<String> away = Optional.empty();
        for (int drawn = 1; ; drawn++) {
            show.frame(away);
            if (count != null && drawn >= count) {
                return 0;
            }
            Thread.sleep(pause.toMillis());
            try {
                last = look(broker);
                awaySince = null;
                away = Optional.empty();
            } catch (BrokerUnavailableException e) {
                awaySince = awaySince == null ? Instant.now() : awaySince;
                away = Optional.of(
                        "Redis unavailable since " + awaySince.toString().substring(0, 19) + "Z; the figures are of "
                                + last.at().toString().substring(0, 19) + "Z: " + e.getMessage());
            }
        }
    }

    private TopScreen.Frame look(RedisBroker broker) {
        // The screen has no place for it, and `queues` says it.
        QueueNames queues = new QueueNames(connection, leftOut -> {});
        if (frames++ % FRAMES_PER_SEARCH == 0) {
            names = queues.of(broker);
        }
        List<QueueSample> samples = queues.samples(broker, names);
        Instant now = Instant.now();
        List<TopRates.Rates> speeds = new ArrayList<>();
        for (QueueSample sample : samples) {
            speeds.add(rates.next(sample, broker.queue(sample.stats().queue()).history(HISTORY), now));
        }
        return new TopScreen.Frame(now, samples, speeds);
    }

    private void printBlock(Optional<String> away) {
        new TopScreen(false).lines(last, away, BLOCK_COLUMNS, BLOCK_LINES).forEach(connection.out()::println);
        connection.out().println();
        connection.out().flush();
    }

    private void draw(Terminal terminal, Optional<String> away) {
        Terminal.Size size = Terminal.size();
        terminal.draw(new TopScreen(Terminal.hasColours()).lines(last, away, size.columns(), size.lines()));
    }

    private static ObjectNode json(TopScreen.Frame frame) {
        ObjectNode all =
                JsonNodeFactory.instance.objectNode().put("at", frame.at().toString());
        ArrayNode queues = all.putArray("queues");
        ArrayNode running = all.putArray("running");
        for (int i = 0; i < frame.queues().size(); i++) {
            QueueSample queue = frame.queues().get(i);
            queues.add(queue.json().put("out_per_second", frame.rates().get(i).out()));
            queue.workers()
                    .forEach(worker -> worker.details()
                            .ifPresent(details -> details.running()
                                    .forEach(task -> running.addObject()
                                            .put("id", task.id())
                                            .put("type", task.type())
                                            .put("queue", queue.stats().queue())
                                            .put("worker", worker.name())
                                            .put("since", task.since().toString())
                                            .put("abandoned", task.abandoned()))));
        }
        return all;
    }
}
