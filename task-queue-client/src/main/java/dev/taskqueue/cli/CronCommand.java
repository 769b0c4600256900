package dev.taskqueue.cli;

import picocli.CommandLine.Command;

/** {@code client cron}: the schedules of a queue. */
@Command(
        name = "cron",
        description =
                "Adds, lists, removes, pauses, resumes and runs the schedules of a queue, and tells when a spec fires.",
        mixinStandardHelpOptions = true,
        subcommands = {
            CronAddCommand.class,
            CronListCommand.class,
            CronChangeCommand.Remove.class,
            CronChangeCommand.Pause.class,
            CronChangeCommand.Resume.class,
            CronChangeCommand.Run.class,
            CronNextCommand.class
        })
final class CronCommand extends CommandGroup {}
