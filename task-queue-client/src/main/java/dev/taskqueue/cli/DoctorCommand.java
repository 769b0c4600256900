package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.Finding;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.FindingView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client doctor}: what is wrong, and what to do about it. */
@Command(
        name = "doctor",
        description = {
            "Says what is wrong with Redis and the queue, worst first, what that means, and what to do about it; of QUEUE_NAME and of "
                    + "each queue of TASK_ROUTES, without --queue.",
            "Exit code 0 if nothing is wrong, 1 if something is."
        },
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print a JSON array of objects.")
    private boolean json;

    @Override
    public Integer call() {
        try (RedisBroker broker = connection.open()) {
            List<Finding> findings = broker.doctor();
            boolean wrong = findings.stream().anyMatch(Finding::isWrong);
            if (json) {
                ArrayNode all = JsonNodeFactory.instance.arrayNode();
                findings.forEach(finding -> all.add(FindingView.of(finding)));
                connection.out().println(all);
            } else {
                if (!wrong) {
                    connection.out().println("nothing is wrong with " + String.join(", ", broker.queues()));
                }
                findings.forEach(this::print);
            }
            connection.out().flush();
            return wrong ? 1 : 0;
        }
    }

    private void print(Finding finding) {
        connection
                .out()
                .println(finding.severity().wireName() + "  " + finding.code().wireName()
                        + finding.queue().map(queue -> "  " + queue).orElse(""));
        for (String line : List.of(finding.what(), finding.meaning(), finding.todo())) {
            if (!line.isEmpty()) {
                connection.out().println("  " + line);
            }
        }
    }
}
