package dev.taskqueue.cli;

import dev.taskqueue.PauseResult;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.config.Durations;
import dev.taskqueue.view.QueueView;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code client pause}: has workers begin nothing more of a queue. */
@Command(
        name = "pause",
        description = {
            "Has workers begin nothing more of the queue, and waits 5 s at most until each has said so. What runs goes on.",
            "Exit code 1 if some worker has not said so; the queue is paused all the same."
        },
        mixinStandardHelpOptions = true)
final class PauseCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            description =
                    "Resume by itself after so long, such as 30s, 10m or 2h; without it, once `resume` is called.")
    private String lasts;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for whoever wonders.")
    private String reason = "";

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Duration duration = lasts == null ? null : duration();
        try (RedisBroker broker = connection.open()) {
            PauseResult result = duration == null ? broker.pause(reason) : broker.pause(reason, duration);
            Fields.print(connection.out(), QueueView.of(broker.queue(), result), json);
            return result.isAcknowledged() ? 0 : 1;
        }
    }

    private Duration duration() {
        return Durations.parse(lasts)
                .filter(duration -> duration.toMillis() > 0 && duration.toDays() <= 3650)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "--for is " + TaskLimits.quote(lasts)
                                + "; it must be a duration such as 30s, 10m or 2h, at most 3650d"));
    }
}
