package dev.taskqueue.cli;

import picocli.CommandLine.Command;

/** {@code client dead}: the dead letters of a queue. */
@Command(
        name = "dead",
        description = "Lists, groups, shows, retries, deletes and exports the dead letters of a queue.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DeadListCommand.class,
            DeadGroupsCommand.class,
            DeadShowCommand.class,
            DeadChangeCommand.Retry.class,
            DeadChangeCommand.Delete.class,
            DeadExportCommand.class
        })
final class DeadCommand extends CommandGroup {}
