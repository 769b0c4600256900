package dev.taskqueue.cli;

import dev.taskqueue.TaskEntry;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.Tasks;
import dev.taskqueue.view.RunNowView;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code client run}: makes scheduled tasks ready, one after the other. */
@Command(
        name = "run",
        description =
                "Makes scheduled tasks ready before their time: those that are delayed and those that wait for a retry. Each is the "
                        + "next of its lane. Prints of each id ready, not_scheduled (it is elsewhere) or unknown (it has ended, or "
                        + "is not among the first 100,000 of a place); exits with 0 if each was made ready.",
        mixinStandardHelpOptions = true)
final class RunCommand extends EachTaskCommand {

    @Override
    Told change(RedisBroker broker, String id) {
        for (String queue : broker.queues()) {
            Tasks tasks = broker.queue(queue).tasks();
            Optional<TaskEntry> entry = tasks.find(id);
            if (entry.isPresent()) {
                boolean ready = !tasks.runNow(List.of(entry.get())).isEmpty();
                return new Told(ready, ready ? "ready" : "not_scheduled", RunNowView.of(id, queue, ready));
            }
        }
        return new Told(false, "unknown", RunNowView.unknown(id));
    }
}
