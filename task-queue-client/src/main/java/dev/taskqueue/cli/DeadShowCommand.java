package dev.taskqueue.cli;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.DeadLetterView;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client dead show}: all that is known of one dead letter. */
@Command(name = "show", description = "Prints one dead letter, the newest of that id.", mixinStandardHelpOptions = true)
final class DeadShowCommand implements Callable<Integer> {

    /** A few seconds of round trips in the worst case. */
    static final int MAX_SEARCHED = 1_000_000;

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "ID", description = "The task's id, or raw-… of what was no task.")
    private String id;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Optional<DeadLetter> letter;
        try (RedisBroker broker = connection.open()) {
            letter = broker.deadLetters().find(id, MAX_SEARCHED);
        }
        if (letter.isEmpty()) {
            connection.warn("no dead letter " + id + " among the newest " + MAX_SEARCHED);
            return 1;
        }
        Fields.print(connection.out(), DeadLetterView.of(letter.get()), json);
        return 0;
    }
}
