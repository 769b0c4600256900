package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.Tasks;
import dev.taskqueue.view.RunNowView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client run}: makes scheduled tasks ready, one after the other. */
@Command(
        name = "run",
        description =
                "Makes scheduled tasks ready before their time: those that are delayed and those that wait for a retry. Each is the "
                        + "next of its lane. Prints of each id ready, not_scheduled (it is elsewhere) or unknown (it has ended, or "
                        + "is not among the first 100,000 of a place); exits with 0 if each was made ready.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "The tasks' ids.")
    private List<String> ids;

    @Option(names = "--json", description = "Print a JSON array of objects, one of each id.")
    private boolean json;

    @Override
    public Integer call() {
        boolean all = true;
        ArrayNode told = JsonNodeFactory.instance.arrayNode();
        try (RedisBroker broker = connection.open()) {
            for (String id : ids) {
                ObjectNode found = run(broker, id);
                all &= found.get("ready").booleanValue();
                told.add(found);
                if (!json) {
                    connection.out().println(id + " " + word(found));
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

    private static ObjectNode run(RedisBroker broker, String id) {
        for (String queue : broker.queues()) {
            Tasks tasks = broker.queue(queue).tasks();
            Optional<TaskEntry> entry = tasks.find(id);
            if (entry.isPresent()) {
                return RunNowView.of(
                        id, queue, !tasks.runNow(List.of(entry.get())).isEmpty());
            }
        }
        return RunNowView.unknown(id);
    }

    private static String word(ObjectNode found) {
        if (found.get("ready").booleanValue()) {
            return "ready";
        }
        return found.has("queue") ? "not_scheduled" : "unknown";
    }
}
