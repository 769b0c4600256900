package dev.taskqueue.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code client dead}: the dead letters of a queue. */
@Command(
        name = "dead",
        description = "Lists, shows, retries, deletes and exports the dead letters of a queue.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DeadListCommand.class,
            DeadShowCommand.class,
            DeadChangeCommand.Retry.class,
            DeadChangeCommand.Delete.class,
            DeadExportCommand.class
        })
final class DeadCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Missing: one of " + String.join(", ", spec.subcommands().keySet()));
    }
}
