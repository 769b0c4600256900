package dev.taskqueue.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.Enqueued;
import dev.taskqueue.broker.Crons;
import dev.taskqueue.broker.RedisBroker;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client cron remove|pause|resume|run}: what is done to one schedule that is there. */
abstract class CronChangeCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Parameters(paramLabel = "NAME", description = "The name of the schedule.")
    private String name;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /** Returns what to print, in words and for a program; empty if there is no such schedule. */
    abstract Optional<Told> change(Crons crons, String schedule);

    record Told(String text, String field, String value) {}

    @Override
    public final Integer call() {
        try (RedisBroker broker = connection.open()) {
            Optional<Told> done = change(broker.crons(), name);
            if (done.isEmpty()) {
                warn("queue " + broker.queue() + " has no schedule " + name);
                return 1;
            }
            Told told = done.get();
            connection
                    .out()
                    .println(
                            json
                                    ? JsonNodeFactory.instance
                                            .objectNode()
                                            .put("name", name)
                                            .put(told.field(), told.value())
                                            .toString()
                                    : told.text());
            connection.out().flush();
            return 0;
        }
    }

    final void warn(String text) {
        connection.warn(text);
    }

    private static Optional<Told> told(boolean done, String schedule, String change) {
        return done ? Optional.of(new Told(schedule + " " + change, "change", change)) : Optional.empty();
    }

    @Command(
            name = "remove",
            description = "Removes a schedule; the tasks that it has enqueued stay.",
            mixinStandardHelpOptions = true)
    static final class Remove extends CronChangeCommand {

        @Override
        Optional<Told> change(Crons crons, String schedule) {
            return told(crons.remove(schedule), schedule, "removed");
        }
    }

    @Command(
            name = "pause",
            description = "Has a schedule fire nothing until it is resumed.",
            mixinStandardHelpOptions = true)
    static final class Pause extends CronChangeCommand {

        @Override
        Optional<Told> change(Crons crons, String schedule) {
            return told(crons.pause(schedule), schedule, "paused");
        }
    }

    @Command(
            name = "resume",
            description = "Has a paused schedule fire again, for no time that has passed.",
            mixinStandardHelpOptions = true)
    static final class Resume extends CronChangeCommand {

        @Override
        Optional<Told> change(Crons crons, String schedule) {
            return told(crons.resume(schedule), schedule, "resumed");
        }
    }

    @Command(
            name = "run",
            description =
                    "Fires a schedule now, paused or not, and prints the id of the task; its next fire stays. Where its "
                            + "overlap is skip or queue and the task before has not ended, nothing is enqueued, and the id is that one's.",
            mixinStandardHelpOptions = true)
    static final class Run extends CronChangeCommand {

        @Override
        Optional<Told> change(Crons crons, String schedule) {
            Optional<Enqueued> task = crons.runNow(schedule);
            task.filter(enqueued -> !enqueued.accepted())
                    .ifPresent(enqueued -> warn("not accepted: task " + enqueued.id() + " has not ended"));
            return task.map(run -> new Told(run.id(), "task_id", run.id()));
        }
    }
}
