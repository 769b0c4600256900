package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.broker.RedisBroker;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code client purge}: takes out what waits. */
@Command(
        name = "purge",
        description = {
            "Takes tasks that wait out of the queue for good: each ends as cancelled. What runs goes on; dead letters are "
                    + "deleted by `dead delete`, single tasks by `cancel`.",
            "Asks nothing, and so wants a filter, or --all. Stopped half way, what is left is untouched."
        },
        mixinStandardHelpOptions = true)
final class PurgeCommand extends PlaceChangeCommand {

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "purged",
            description = "Why, for the statuses; at most 1,000 characters (default: ${DEFAULT-VALUE}).")
    private String reason;

    @Override
    Collection<Place> allowed() {
        return EnumSet.complementOf(EnumSet.of(Place.PROCESSING, Place.DEAD));
    }

    @Override
    void prepare(RedisBroker broker) {
        // Refuses a reason that is too long.
        broker.tasks().purge(List.of(), reason);
    }

    @Override
    int change(RedisBroker broker, List<TaskEntry> entries) {
        return broker.tasks().purge(entries, reason).size();
    }

    @Override
    String past() {
        return "purged";
    }

    @Override
    void tell(ObjectNode fields) {
        // Nothing else.
    }

    @Override
    String remark() {
        return "";
    }
}
