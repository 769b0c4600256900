package dev.taskqueue.cli;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.QueueView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client resume}: has workers take tasks of a paused queue again. */
@Command(
        name = "resume",
        description = "Has workers take tasks of a paused queue again; does nothing to one that is not paused.",
        mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        try (RedisBroker broker = connection.open()) {
            boolean resumed = broker.resume();
            connection
                    .out()
                    .println(
                            json
                                    ? QueueView.resumed(broker.queue(), resumed).toString()
                                    : broker.queue() + (resumed ? " resumed" : " was not paused"));
            connection.out().flush();
            return 0;
        }
    }
}
