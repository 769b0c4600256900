package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.QueueView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client stats}: how many tasks are in each place. */
@Command(
        name = "stats",
        description =
                "Prints how many tasks are in each place of the queue; of QUEUE_NAME and of each queue of TASK_ROUTES, "
                        + "without --queue.",
        mixinStandardHelpOptions = true)
final class StatsCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print one JSON object; of several queues an array of them.")
    private boolean json;

    @Override
    public Integer call() {
        try (RedisBroker broker = connection.open()) {
            boolean several = broker.queues().size() > 1;
            List<ObjectNode> all = new ArrayList<>();
            EachQueue.of(connection, broker, queue -> all.add(QueueView.of(queue.stats())), () -> print(all, several));
        }
        return 0;
    }

    private void print(List<ObjectNode> all, boolean several) {
        if (several && json) {
            connection.out().println(JsonNodeFactory.instance.arrayNode().addAll(all));
            connection.out().flush();
            return;
        }
        for (int i = 0; i < all.size(); i++) {
            if (i > 0) {
                connection.out().println();
            }
            Fields.print(connection.out(), all.get(i), json);
        }
    }
}
