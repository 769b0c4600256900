package dev.taskqueue.cli;

import dev.taskqueue.Explanation;
import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Explanation.Reason;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.ExplanationView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client why}: why one task is where it is. */
@Command(
        name = "why",
        description = {
            "Says why one task is where it is, and what to do about it; with TASK_ROUTES it is looked for in each queue.",
            "Exit code 1 if nothing is known of it."
        },
        mixinStandardHelpOptions = true)
final class WhyCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "ID", description = "The task's id.")
    private String id;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        try (RedisBroker broker = connection.open()) {
            Explanation explanation = broker.why(id);
            if (json) {
                connection.out().println(ExplanationView.of(explanation));
            } else {
                explanation.reasons().forEach(this::print);
            }
            connection.out().flush();
            return explanation.reasons().get(0).code() == Code.UNKNOWN ? 1 : 0;
        }
    }

    private void print(Reason reason) {
        connection.out().println(reason.text());
        if (!reason.remedy().isEmpty()) {
            connection.out().println("  " + reason.remedy());
        }
    }
}
