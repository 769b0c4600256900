package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.Cron;
import dev.taskqueue.CronEntry;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.config.Variables;
import dev.taskqueue.view.CronView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client cron list}: all schedules of a queue. */
@Command(
        name = "list",
        description = "Prints the schedules of the queue, by name, each with its next fire.",
        mixinStandardHelpOptions = true)
final class CronListCommand implements Callable<Integer> {

    private static final List<String> TITLES = List.of("NAME", "SPEC", "ZONE", "TYPE", "NEXT FIRE");

    @Mixin
    private Connection connection;

    @Option(names = "--json", description = "Print a JSON array of objects.")
    private boolean json;

    @Override
    public Integer call() {
        List<CronEntry> entries;
        try (RedisBroker broker = connection.open()) {
            entries = broker.crons().list();
        }
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            entries.forEach(entry -> all.add(CronView.of(entry)));
            connection.out().println(all);
        } else {
            print(entries);
        }
        connection.out().flush();
        return 0;
    }

    private void print(List<CronEntry> entries) {
        Table table = new Table(TITLES);
        entries.forEach(entry -> table.add(row(entry), List.of()));
        table.print(connection.out());
    }

    private static List<String> row(CronEntry entry) {
        String next = entry.problem()
                .map(problem -> "set aside: " + problem)
                .or(() -> entry.nextFire().map(Object::toString))
                .orElse(entry.paused() ? "paused" : "never");
        return List.of(
                // Anybody can have written it into Redis.
                Variables.printable(entry.name()),
                entry.cron().map(cron -> cron.spec().toString()).orElse("?"),
                entry.cron().map(cron -> cron.zone().getId()).orElse("?"),
                entry.cron().map(Cron::type).orElse("?"),
                Variables.printable(next));
    }
}
