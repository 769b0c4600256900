package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.DeadLetterView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client dead list}: the newest dead letters, one a line. */
@Command(
        name = "list",
        description = "Prints the dead letters of the queue, newest first, the newest 100 without --limit.",
        mixinStandardHelpOptions = true)
final class DeadListCommand implements Callable<Integer> {

    private static final int DEFAULT_LIMIT = 100;
    private static final int SHOWN_CHARS = 100;

    @Mixin
    private Connection connection;

    @Mixin
    private DeadFilterOptions filter;

    @Option(names = "--json", description = "Print a JSON array of objects.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<DeadLetter> letters = new ArrayList<>();
        try (RedisBroker broker = connection.open()) {
            filter.forEachPage(broker.deadLetters(), DEFAULT_LIMIT, letters::addAll);
        }
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            letters.forEach(letter -> all.add(DeadLetterView.of(letter)));
            connection.out().println(all);
        } else {
            letters.forEach(letter -> connection.out().println(line(letter)));
        }
        connection.out().flush();
        return 0;
    }

    private static String line(DeadLetter letter) {
        String text = letter.diedAt().map(Object::toString).orElse("-") + "  " + letter.id() + "  "
                + letter.type().orElse("-") + "  " + letter.reason()
                + letter.lastError().map(error -> ": " + error).orElse("");
        // Anybody can have written it into Redis.
        String shown = text.replaceAll("\\p{Cntrl}+", " ");
        int most = SHOWN_CHARS + letter.id().length();
        return shown.length() <= most ? shown : shown.substring(0, most) + " …";
    }
}
