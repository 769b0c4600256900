package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.MoveResult;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.broker.RedisBroker;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code client move}: moves tasks to another queue. */
@Command(
        name = "move",
        description = {
            "Moves tasks to the same place of another queue of the same Redis, parked ones to their lane: byte for byte, in "
                    + "their order, with their statuses and unique keys. A task stays whose unique key another one holds there "
                    + "or waits for here, or of which a copy with the same idempotency key runs.",
            "Asks nothing, and so wants a filter, or --all. Stopped half way, each task is in one of the two queues."
        },
        mixinStandardHelpOptions = true)
final class MoveCommand extends PlaceChangeCommand {

    @Option(names = "--to", paramLabel = "QUEUE", required = true, description = "The other queue.")
    private String to;

    private long kept;

    @Override
    Collection<Place> allowed() {
        return EnumSet.complementOf(EnumSet.of(Place.PROCESSING, Place.SUSPECTS));
    }

    @Override
    void prepare(RedisBroker broker) {
        // Refuses a queue that nothing can be moved to.
        broker.tasks().move(List.of(), to);
        if (broker.queue(to).stats().workers() == 0) {
            connection().warn("no worker serves queue " + to + " now; what is moved waits for one");
        }
    }

    @Override
    int change(RedisBroker broker, List<TaskEntry> entries) {
        MoveResult result = broker.tasks().move(entries, to);
        kept += result.kept().size();
        return result.moved().size();
    }

    @Override
    String past() {
        return "moved";
    }

    @Override
    void tell(ObjectNode fields) {
        fields.put("kept", kept).put("to", to);
    }

    @Override
    String remark() {
        return " to " + to + (kept == 0 ? "" : "; " + kept + " stay, as a key ties them to their queue");
    }
}
