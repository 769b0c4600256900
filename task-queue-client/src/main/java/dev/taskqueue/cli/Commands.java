package dev.taskqueue.cli;

import dev.taskqueue.cli.bench.BenchCommand;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The commands by name. Those that are not called are not looked at: their options are found by reflection, which takes long. */
final class Commands {

    private static final List<String> NAMES = List.of(
            "enqueue",
            "status",
            "cancel",
            "run",
            "tasks",
            "purge",
            "move",
            "stats",
            "queues",
            "top",
            "why",
            "doctor",
            "workers",
            "quiet",
            "history",
            "pause",
            "resume",
            "cron",
            "dead",
            "dashboard",
            "bench");

    private Commands() {}

    /**
     * Adds the command that the arguments begin with; all of them where they begin with anything else, such as an option.
     *
     * @param line of the client itself
     */
    static void addTo(CommandLine line, String[] args) {
        String first = args.length == 0 ? "" : args[0];
        if (NAMES.contains(first)) {
            line.addSubcommand(create(first));
            return;
        }
        boolean listed = args.length == 1 && (first.equals("--help") || first.equals("-h"));
        for (String name : NAMES) {
            Object command = create(name);
            line.addSubcommand(name, listed ? described(command) : command);
        }
    }

    /** As much of a command as the list of all has to know. */
    private static CommandSpec described(Object command) {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .description(command.getClass().getAnnotation(Command.class).description());
        return spec;
    }

    private static Object create(String name) {
        return switch (name) {
            case "enqueue" -> new EnqueueCommand();
            case "status" -> new StatusCommand();
            case "cancel" -> new CancelCommand();
            case "run" -> new RunCommand();
            case "tasks" -> new TasksCommand();
            case "purge" -> new PurgeCommand();
            case "move" -> new MoveCommand();
            case "stats" -> new StatsCommand();
            case "queues" -> new QueuesCommand();
            case "top" -> new TopCommand();
            case "why" -> new WhyCommand();
            case "doctor" -> new DoctorCommand();
            case "workers" -> new WorkersCommand();
            case "quiet" -> new QuietCommand();
            case "history" -> new HistoryCommand();
            case "pause" -> new PauseCommand();
            case "resume" -> new ResumeCommand();
            case "cron" -> new CronCommand();
            case "dead" -> new DeadCommand();
            case "dashboard" -> new DashboardCommand();
            case "bench" -> new BenchCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
