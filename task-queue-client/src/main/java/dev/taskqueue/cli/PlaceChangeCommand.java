package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.QueueStats;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.broker.RedisBroker;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code client purge|move}: does something to the tasks in some places, page by page. */
abstract class PlaceChangeCommand implements Callable<Integer> {

    private static final int PAGE = 500;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Mixin
    private PlaceOptions places;

    @Mixin
    private RateOption rate;

    @Option(names = "--all", description = "All that wait: ready, scheduled and parked.")
    private boolean all;

    @Option(names = "--dry-run", description = "Only tell how many; change nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private long matched;
    private long done;

    /** Where it can be done. */
    abstract Collection<Place> allowed();

    /** Called once, before anything is done. */
    abstract void prepare(RedisBroker broker);

    /** Does it to some entries; returns to how many. */
    abstract int change(RedisBroker broker, List<TaskEntry> entries);

    /** What is told of tasks to which it was done. */
    abstract String past();

    /** Adds what else is to be told, before {@code dry_run}. */
    abstract void tell(ObjectNode fields);

    /** What else is to be told to a person; may be empty. */
    abstract String remark();

    final Connection connection() {
        return connection;
    }

    @Override
    public final Integer call() {
        if (places.isGiven() == all) {
            throw new ParameterException(
                    spec.commandLine(),
                    all
                            ? "a filter is given, and --all: only one is allowed"
                            : "Missing: a filter (--place, --type, --limit), or --all");
        }
        TaskFilter filter = places.filter(TaskFilter.WAITING.places(), allowed());
        long limit = places.limit(Long.MAX_VALUE);
        rate.perSecond();
        try (RedisBroker broker = connection.open()) {
            requireOneQueue(broker);
            prepare(broker);
            try {
                run(broker, filter, limit);
            } finally {
                // Also where it was stopped half way: what was done is done.
                report();
            }
        }
        return 0;
    }

    private void requireOneQueue(RedisBroker broker) {
        if (broker.queues().size() > 1) {
            throw new InvalidTaskException("with TASK_ROUTES there are several queues ("
                    + String.join(", ", broker.queues()) + "); name one with --queue");
        }
    }

    private void run(RedisBroker broker, TaskFilter filter, long limit) {
        // Producers may be faster than this: what they bring meanwhile is not chased for ever.
        long mostSearched = 2 * count(broker.stats(), filter) + 2 * PAGE;
        long searched = 0;
        Optional<String> from = Optional.empty();
        do {
            TaskPage page = broker.tasks().list(filter, from, PAGE);
            List<TaskEntry> entries = page.entries();
            entries = entries.subList(0, (int) Math.min(entries.size(), limit - matched));
            matched += entries.size();
            change(broker, filter, entries);
            searched += page.searched();
            from = page.next();
        } while (from.isPresent() && matched < limit && searched < mostSearched);
    }

    private void change(RedisBroker broker, TaskFilter filter, List<TaskEntry> entries) {
        if (dryRun) {
            done += entries.size();
            return;
        }
        int atOnce = rate.atOnce(PAGE);
        for (int first = 0; first < entries.size(); first += atOnce) {
            List<TaskEntry> some = entries.subList(first, Math.min(first + atOnce, entries.size()));
            done += change(broker, some);
            rate.pace(some.size());
        }
    }

    private static long count(QueueStats stats, TaskFilter filter) {
        return filter.places().stream()
                .mapToLong(place -> switch (place) {
                    case READY_HIGH -> stats.high();
                    case READY_NORMAL -> stats.normal();
                    case READY_LOW -> stats.low();
                    case SCHEDULED -> stats.scheduled();
                    case PROCESSING -> stats.processing();
                    case PARKED -> stats.parked();
                    case SUSPECTS -> stats.suspects();
                    case DEAD -> stats.dead();
                })
                .sum();
    }

    private void report() {
        if (json) {
            ObjectNode fields =
                    JsonNodeFactory.instance.objectNode().put(past(), done).put("matched", matched);
            tell(fields);
            connection.out().println(fields.put("dry_run", dryRun));
        } else {
            connection
                    .out()
                    .println((dryRun ? "would be " + past() + ": " : past() + ": ") + done + " of " + matched + " tasks"
                            + remark());
        }
        connection.out().flush();
    }
}
