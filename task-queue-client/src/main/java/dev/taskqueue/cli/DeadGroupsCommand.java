package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.broker.DeadLetters;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.DeadGroups;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client dead groups}: what the newest dead letters died of. */
@Command(
        name = "groups",
        description = {
            "Prints how many of the newest 10,000 dead letters died of what, by type, error and reason, most first; fewer are "
                    + "looked at where they are large.",
            "The error and the reason are parts of theirs, for --error and --reason of the other commands."
        },
        mixinStandardHelpOptions = true)
final class DeadGroupsCommand implements Callable<Integer> {

    private static final int SHOWN_CHARS = 60;

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        ObjectNode found;
        try (RedisBroker broker = connection.open()) {
            DeadLetters dead = broker.deadLetters();
            found = DeadGroups.of((from, max) -> dead.list(DeadLetterFilter.ALL, from, max), Instant.now());
        }
        if (json) {
            connection.out().println(found);
        } else {
            print(found);
        }
        connection.out().flush();
        return 0;
    }

    private void print(ObjectNode found) {
        Table table = new Table(List.of("count", "type", "error", "reason", "first", "last"), Set.of(0));
        found.get("groups").forEach(group -> table.add(row(group), List.of()));
        table.print(connection.out());
        int more = found.get("more_groups").intValue();
        if (more > 0) {
            connection.warn(more + " smaller groups are left out");
        }
        if (!found.get("complete").booleanValue()) {
            connection.warn("there are more letters; the newest " + found.get("searched") + " were looked at");
        }
    }

    private static List<String> row(JsonNode group) {
        return List.of(
                group.get("count").asText(),
                text(group, "type"),
                text(group, "error"),
                text(group, "reason"),
                text(group, "first"),
                text(group, "last"));
    }

    private static String text(JsonNode group, String name) {
        String text = group.path(name).asText();
        return text.isEmpty() ? "-" : Table.shorten(text, SHOWN_CHARS);
    }
}
