package dev.taskqueue.cli;

import dev.taskqueue.Cancellation;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.CancellationView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code client cancel}: cancels tasks, one after the other. */
@Command(
        name = "cancel",
        description =
                "Cancels tasks: those that wait or are dead leave at once, and the handlers of those that run are "
                        + "interrupted. Prints what was found of each: removed, requested, already_ended or unknown; exits with 0 if each "
                        + "was removed or requested.",
        mixinStandardHelpOptions = true)
final class CancelCommand extends EachTaskCommand {

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Why, for the handlers and the statuses; at most 1,000 characters.")
    private String reason;

    @Override
    Told change(RedisBroker broker, String id) {
        Cancellation found = broker.cancel(id, reason);
        return new Told(
                found == Cancellation.REMOVED || found == Cancellation.REQUESTED,
                CancellationView.wireName(found),
                CancellationView.of(id, found));
    }
}
