package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.Cancellation;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.CancellationView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client cancel}: cancels tasks, one after the other. */
@Command(
        name = "cancel",
        description =
                "Cancels tasks: those that wait or are dead leave at once, and the handlers of those that run are "
                        + "interrupted. Prints what was found of each: removed, requested, already_ended or unknown; exits with 0 if each "
                        + "was removed or requested.",
        mixinStandardHelpOptions = true)
final class CancelCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "The tasks' ids.")
    private List<String> ids;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Why, for the handlers and the statuses; at most 1,000 characters.")
    private String reason;

    @Option(names = "--json", description = "Print a JSON array of objects, one of each id.")
    private boolean json;

    @Override
    public Integer call() {
        boolean all = true;
        ArrayNode told = JsonNodeFactory.instance.arrayNode();
        try (RedisBroker broker = connection.open()) {
            for (String id : ids) {
                Cancellation found = broker.cancel(id, reason);
                all &= found == Cancellation.REMOVED || found == Cancellation.REQUESTED;
                told.add(CancellationView.of(id, found));
                if (!json) {
                    connection.out().println(id + " " + CancellationView.wireName(found));
                    // One by one: where the next fails, it is known what became of this one.
                    connection.out().flush();
                }
            }
        } finally {
            if (json) {
                connection.out().println(told);
                connection.out().flush();
            }
        }
        return all ? 0 : 1;
    }
}
