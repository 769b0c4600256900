package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.broker.RedisBroker;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Does something to some tasks, one after the other, and tells what became of each; exits with 0 if it was done to all. */
abstract class EachTaskCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "The tasks' ids.")
    private List<String> ids;

    @Option(names = "--json", description = "Print a JSON array of objects, one of each id.")
    private boolean json;

    /**
     * What became of a task.
     *
     * @param done whether it is as was wished
     * @param word that, for a person
     * @param fields that, for a program
     */
    record Told(boolean done, String word, ObjectNode fields) {}

    abstract Told change(RedisBroker broker, String id);

    @Override
    public final Integer call() {
        boolean all = true;
        ArrayNode told = JsonNodeFactory.instance.arrayNode();
        try (RedisBroker broker = connection.open()) {
            for (String id : ids) {
                Told found = change(broker, id);
                all &= found.done();
                told.add(found.fields());
                if (!json) {
                    connection.out().println(id + " " + found.word());
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
