package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.broker.RedisBroker;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code client quiet}: has workers claim nothing more, or claim again. */
@Command(
        name = "quiet",
        description = {
            "Has workers claim nothing more, in any of their queues, within a second or so. What runs goes on, and the worker stays. "
                    + "It stays quiet until --off, or it ends.",
            "Workers are looked for in QUEUE_NAME and in each queue of TASK_ROUTES, without --queue. "
                    + "Exit code 1 if one of those that are named was not found."
        },
        mixinStandardHelpOptions = true)
final class QuietCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "WORKER", arity = "0..*", description = "The workers' names, as `workers` prints them.")
    private List<String> names = List.of();

    @Option(names = "--all", description = "All workers that live now; with --off all that are quiet.")
    private boolean all;

    @Option(names = "--off", description = "Have them claim again.")
    private boolean off;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    @Override
    public Integer call() {
        if (all != names.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "name workers, or give --all");
        }
        Set<String> found = new TreeSet<>();
        try (RedisBroker broker = connection.open()) {
            EachQueue.of(connection, broker, queue -> change(queue, found), () -> print(found));
        }
        return found.containsAll(names) ? 0 : 1;
    }

    private void change(RedisBroker queue, Set<String> found) {
        if (all) {
            found.addAll(off ? queue.unquietAll() : queue.quietAll());
            return;
        }
        for (String name : names) {
            if (off ? queue.unquiet(name) : queue.quiet(name)) {
                found.add(name);
            }
        }
    }

    private void print(Set<String> found) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        for (String name : all ? found : new TreeSet<>(names)) {
            boolean known = found.contains(name);
            if (json) {
                rows.addObject().put("worker", name).put("found", known).put("quiet", known && !off);
            } else {
                connection
                        .out()
                        .println(
                                Table.shorten(name, 512) + " " + (!known ? "unknown" : off ? "claims again" : "quiet"));
            }
        }
        if (json) {
            connection.out().println(rows);
        }
        connection.out().flush();
    }
}
